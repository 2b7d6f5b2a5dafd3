package dev.gantry.container.create;

import java.util.List;
import java.util.random.RandomGenerator;

/** Names for containers that were given none: an adjective and the surname of someone who found something out. */
public final class NameGenerator {
    private static final List<String> ADJECTIVES = List.of(
            ("able agile airy amber ample apt ardent arctic autumn avid azure balmy bold brave breezy bright brisk "
                            + "calm candid casual cheery civil clear clever cloudy cobalt cool copper coral cosy crisp "
                            + "curious dapper daring dazzling deft devoted dewy early earnest easy elated elegant eloquent "
                            + "epic fair fancy fearless fervent festive fine fleet fluent fond frank free fresh frosty "
                            + "gallant gentle gifted glad gleaming golden graceful grand grateful great hardy hazel hearty "
                            + "helpful honest hopeful humble ideal indigo jaunty jolly jovial joyful keen kind lavish leafy "
                            + "light lively loyal lucid lucky lunar magical mellow merry mild mindful misty modest neat "
                            + "nifty nimble noble olive open patient peaceful pensive perky placid playful plucky polite "
                            + "proud pure quaint quick quiet quirky radiant rapid ready regal rosy rustic sage scarlet "
                            + "serene sharp shiny silent silver sincere sleek smart snowy solar solid spry stellar stoic "
                            + "sturdy subtle sunny swift tender tidy tranquil trusty upbeat urban valiant velvet vibrant "
                            + "vigilant vivid warm whimsical wise witty worthy young zealous zesty")
                    .split(" "));
    private static final List<String> SURNAMES =
            List.of(("abel ampere anning archimedes aryabhata avogadro babbage bardeen bassi becquerel bell bernoulli "
                            + "bessel blackwell bohr boltzmann boole bose brahe brahmagupta braun burnell cannon cantor "
                            + "carson carver cauchy cavendish cerf chandrasekhar chatelet clarke copernicus coulomb crick "
                            + "curie dalton darwin davy descartes dijkstra dirac easley edison einstein elion eratosthenes "
                            + "erdos euclid euler faraday fermat fermi feynman fibonacci fleming fourier franklin fresnel "
                            + "galileo galois galvani gauss germain godel goodall hamilton hamming hawking heisenberg "
                            + "herschel hertz hilbert hodgkin hopper hubble humboldt huygens hypatia jackson jemison "
                            + "johnson joliot joule kapitza kepler khayyam khwarizmi kilby knuth kovalevskaya lagrange "
                            + "lamarr laplace lavoisier leakey leavitt leibniz liskov lister lovelace lyell margulis "
                            + "maxwell mayer mcclintock meitner mendel mendeleev mirzakhani morse napier nash newton "
                            + "nightingale nobel noether ohm oppenheimer pascal pasteur pauli payne perlman planck "
                            + "poincare ptolemy pythagoras raman ramanujan ride riemann ritchie rosalind rubin rutherford "
                            + "sagan salk sanger schrodinger shannon sinoussi snow somerville stokes swartz tesla thales "
                            + "thompson torvalds tu turing venter villani volta wallace watt wien wiles wilson wright wu "
                            + "yalow yonath")
                    .split(" "));

    private NameGenerator() {}

    /** @param attempt from the third on, a digit makes a clash less likely */
    public static String next(RandomGenerator random, int attempt) {
        String name =
                ADJECTIVES.get(random.nextInt(ADJECTIVES.size())) + "_" + SURNAMES.get(random.nextInt(SURNAMES.size()));
        return attempt < 2 ? name : name + random.nextInt(10);
    }
}
