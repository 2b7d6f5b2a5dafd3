package dev.gantry.agent.runtime;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.linux.ByteStrings;
import dev.gantry.agent.linux.ErrnoException;
import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.OpenFiles;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Who a process runs as, looked up in the container's own {@code /etc/passwd} and {@code /etc/group} as runc's
 * libcontainer does: names win over numbers, a number needs no entry, supplementary groups come from the group file
 * unless a group was given.
 */
final class UserLookup {
    /** More of such a file is not read: it comes from the image. */
    private static final int FILE_LIMIT = 4 << 20;

    private static final long MAX_ID = (1L << 31) - 1;

    private UserLookup() {}

    /** @param home of the entry in passwd, {@code /} when there is none */
    record Identity(long uid, long gid, List<Long> groups, String home) {}

    static Identity resolve(Path rootfs, String user, List<String> groupAdd) {
        String passwd = read(rootfs, "/etc/passwd");
        String group = read(rootfs, "/etc/group");
        return resolve(passwd, group, user == null ? "" : user, groupAdd == null ? List.of() : groupAdd);
    }

    static Identity resolve(String passwd, String group, String user, List<String> groupAdd) {
        int colon = user.indexOf(':');
        String userName = colon < 0 ? user : user.substring(0, colon);
        String groupName = colon < 0 ? "" : user.substring(colon + 1);
        String wanted = userName.isEmpty() ? "0" : userName;
        OptionalLong number = number(wanted);
        List<String[]> entries = lines(passwd, 6);
        String[] entry = find(entries, wanted, number, 2);
        if (entry == null && number.isEmpty()) {
            throw bad("unable to find user " + wanted + ": no matching entries in passwd file");
        }
        long uid = entry == null ? number.getAsLong() : id(entry[2]);
        long gid = entry == null ? 0 : id(entry[3]);
        requireRange(uid);
        Set<Long> groups = new LinkedHashSet<>();
        List<String[]> groupEntries = lines(group, 3);
        if (!groupName.isEmpty()) {
            gid = groupId(groupEntries, groupName);
        } else if (entry != null) {
            for (String[] line : groupEntries) {
                if (line.length > 3 && List.of(line[3].split(",", -1)).contains(entry[0])) {
                    groups.add(id(line[2]));
                }
            }
        }
        for (String name : groupAdd) {
            groups.add(groupId(groupEntries, name));
        }
        // The primary group too, as dockerd does since CVE-2022-36109: a setgid program could otherwise shed it.
        Set<Long> all = new LinkedHashSet<>();
        all.add(gid);
        all.addAll(groups);
        String home = entry == null || entry[5].isEmpty() ? "/" : entry[5];
        return new Identity(uid, gid, new ArrayList<>(all), home);
    }

    private static long groupId(List<String[]> entries, String name) {
        OptionalLong number = number(name);
        String[] entry = find(entries, name, number, 2);
        if (entry != null) {
            return id(entry[2]);
        }
        if (number.isEmpty()) {
            throw bad("unable to find group " + name + ": no matching entries in group file");
        }
        requireRange(number.getAsLong());
        return number.getAsLong();
    }

    private static String[] find(List<String[]> entries, String name, OptionalLong number, int idField) {
        for (String[] entry : entries) {
            if (entry[0].equals(name)) {
                return entry;
            }
        }
        if (number.isPresent()) {
            for (String[] entry : entries) {
                if (id(entry[idField]) == number.getAsLong()) {
                    return entry;
                }
            }
        }
        return null;
    }

    private static List<String[]> lines(String file, int fields) {
        return file.lines()
                .map(line -> line.strip().split(":", -1))
                .filter(line -> line.length >= fields)
                .toList();
    }

    private static long id(String text) {
        return number(text).orElse(-1);
    }

    private static OptionalLong number(String text) {
        try {
            return OptionalLong.of(Long.parseLong(text));
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    private static void requireRange(long id) {
        if (id < 0 || id > MAX_ID) {
            throw bad("uids and gids must be in range 0-" + MAX_ID);
        }
    }

    private static AgentFailure bad(String message) {
        return new AgentFailure(AgentFailure.Code.BAD_REQUEST, message);
    }

    /** Empty when there is no such regular file; anything else an image puts there must not block or lead outside. */
    private static String read(Path rootfs, String path) {
        try (Fd root = OpenFiles.open(ByteStrings.of(rootfs), OpenFiles.PATH | OpenFiles.DIRECTORY);
                Fd file = OpenFiles.openInRoot(root, path, OpenFiles.READ | OpenFiles.NON_BLOCKING);
                Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(64 << 10);
            StringBuilder text = new StringBuilder();
            int count = OpenFiles.read(file, buffer);
            while (count > 0 && text.length() < FILE_LIMIT) {
                byte[] bytes = buffer.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE);
                text.append(new String(bytes, StandardCharsets.ISO_8859_1));
                count = OpenFiles.read(file, buffer);
            }
            return text.toString();
        } catch (ErrnoException e) {
            return "";
        }
    }
}
