package dev.gantry.agent.runtime;

import dev.gantry.agent.api.AgentFailure;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Who a process runs as, looked up in the container's own {@code /etc/passwd} and {@code /etc/group} as runc's
 * libcontainer does: a number is never taken for a name and needs no entry, of several entries the first counts, and
 * supplementary groups come from the group file unless a group was given. Each file is read once, line by line.
 */
public final class UserLookup {
    private static final long MAX_ID = (1L << 31) - 1;

    /** NGROUPS_MAX of linux/limits.h: the kernel takes no more. */
    private static final int MAX_GROUPS = 65_536;

    private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9]{1,18}");

    private UserLookup() {}

    /** @param home of the entry in passwd, {@code /} when there is none */
    public record Identity(long uid, long gid, List<Long> groups, String home) {}

    private record Account(String name, long uid, long gid, String home) {}

    /** @throws AgentFailure {@code BAD_REQUEST} when there is no such user or group */
    public static Identity resolve(Path rootfs, String user, List<String> groupAdd) {
        try (AccountLines passwd = AccountLines.open(rootfs, "/etc/passwd");
                AccountLines group = AccountLines.open(rootfs, "/etc/group")) {
            return resolve(passwd, group, user == null ? "" : user, groupAdd == null ? List.of() : groupAdd);
        }
    }

    static Identity resolve(AccountLines passwd, AccountLines group, String user, List<String> groupAdd) {
        int colon = user.indexOf(':');
        String userName = colon < 0 ? user : user.substring(0, colon);
        String groupName = colon < 0 ? "" : user.substring(colon + 1);
        Account account = account(passwd, userName.isEmpty() ? "0" : userName);
        Groups groups = new Groups(groupName.isEmpty() ? account.name() : null, groupName, groupAdd).read(group);
        long gid = groupName.isEmpty() ? account.gid() : groups.idOf(groupName);
        // The primary group too, as dockerd does since CVE-2022-36109: a setgid program could otherwise shed it.
        Set<Long> all = new LinkedHashSet<>();
        all.add(gid);
        all.addAll(groups.ofMember);
        groupAdd.forEach(name -> all.add(groups.idOfAdded(name)));
        return new Identity(account.uid(), gid, new ArrayList<>(all), account.home());
    }

    /** The name is null for a number that has no entry. */
    private static Account account(AccountLines passwd, String wanted) {
        OptionalLong number = number(wanted);
        for (String line = passwd.next(); line != null; line = passwd.next()) {
            String[] fields = line.split(":", 7);
            boolean found = fields.length >= 6
                    && (number.isPresent() ? id(fields[2]) == number.getAsLong() : fields[0].equals(wanted));
            if (found) {
                long uid = id(fields[2]);
                requireRange(uid);
                return new Account(fields[0], uid, id(fields[3]), fields[5].isEmpty() ? "/" : fields[5]);
            }
        }
        if (number.isEmpty()) {
            throw bad("unable to find user " + wanted + ": no matching entries in passwd file");
        }
        requireRange(number.getAsLong());
        return new Account(null, number.getAsLong(), 0, "/");
    }

    /** What is wanted of the group file, found in one pass. */
    private static final class Groups {
        private final String member;
        private final Set<String> wanted;
        private final Map<String, Long> named = new HashMap<>();
        private final Set<Long> ofMember = new LinkedHashSet<>();

        /** @param member whose groups are wanted; null for nobody's */
        Groups(String member, String primary, List<String> added) {
            this.member = member;
            this.wanted = new HashSet<>(added);
            this.wanted.add(primary);
        }

        Groups read(AccountLines file) {
            for (String line = file.next(); line != null; line = file.next()) {
                String[] fields = line.split(":", 4);
                if (fields.length >= 3) {
                    add(fields);
                }
            }
            return this;
        }

        private void add(String[] fields) {
            if (wanted.contains(fields[0])) {
                named.putIfAbsent(fields[0], id(fields[2]));
            }
            if (member != null && fields.length > 3 && lists(fields[3], member)) {
                ofMember.add(id(fields[2]));
                if (ofMember.size() > MAX_GROUPS) {
                    throw bad("user " + member + " is in more than " + MAX_GROUPS + " groups of the container");
                }
            }
        }

        private static boolean lists(String members, String name) {
            int at = members.indexOf(name);
            while (at >= 0) {
                int end = at + name.length();
                boolean starts = at == 0 || members.charAt(at - 1) == ',';
                if (starts && (end == members.length() || members.charAt(end) == ',')) {
                    return true;
                }
                at = members.indexOf(name, at + 1);
            }
            return false;
        }

        /** dockerd looks these up itself, and not runc. */
        long idOfAdded(String name) {
            if (number(name).isEmpty() && !named.containsKey(name)) {
                throw new AgentFailure(
                        AgentFailure.Code.INTERNAL,
                        "Unable to find group " + name + ": no matching entries in group file");
            }
            return idOf(name);
        }

        long idOf(String name) {
            OptionalLong number = number(name);
            if (number.isEmpty() && !named.containsKey(name)) {
                throw bad("unable to find group " + name + ": no matching entries in group file");
            }
            long id = number.orElseGet(() -> named.get(name));
            requireRange(id);
            return id;
        }
    }

    private static long id(String text) {
        return number(text).orElse(-1);
    }

    /** As Go's Atoi, which Docker uses: ASCII digits and a sign. */
    private static OptionalLong number(String text) {
        return NUMBER.matcher(text).matches() ? OptionalLong.of(Long.parseLong(text)) : OptionalLong.empty();
    }

    private static void requireRange(long id) {
        if (id < 0 || id > MAX_ID) {
            throw bad("uids and gids must be in range 0-" + MAX_ID);
        }
    }

    private static AgentFailure bad(String message) {
        return new AgentFailure(AgentFailure.Code.BAD_REQUEST, message);
    }
}
