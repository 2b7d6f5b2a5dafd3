/**
 * Reads tars from outside: the layers of images, and the archives that hold images. Names, links and attribute values are
 * byte strings, with one char (0 to 255) for each byte.
 */
package dev.gantry.tar;
