package dev.gantry.agent.files;

import dev.gantry.agent.linux.ErrnoException;
import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.Nodes;
import dev.gantry.agent.linux.OpenFiles;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;

/**
 * Names in a directory, in their order, unless they are so many that a container could fill the agent's memory with them:
 * then as they come, some at a time.
 */
final class Names implements AutoCloseable {
    private static final int SOME = 64 * 1024;
    private static final int FEW = 4 * 1024;

    private final Budget budget;
    private final int taken;
    private final Fd rest;
    private Iterator<String> ready;

    /** How many names may be held at a time, in all directories that are open. */
    static final class Budget {
        private int left;

        Budget(int names) {
            left = names;
        }
    }

    private Names(Budget budget, int taken, Fd rest, List<String> ready) {
        this.budget = budget;
        this.taken = taken;
        this.rest = rest;
        this.ready = ready.iterator();
    }

    /** @param path below {@code root}, without links */
    static Names of(Fd root, String path, Budget budget) throws ErrnoException {
        Fd directory = OpenFiles.openDirectly(root, path, OpenFiles.READ | OpenFiles.DIRECTORY);
        try {
            List<String> names = new ArrayList<>();
            while (names.size() <= budget.left) {
                List<String> more = some(directory, SOME);
                if (more.isEmpty()) {
                    directory.close();
                    Collections.sort(names);
                    budget.left -= names.size();
                    return new Names(budget, names.size(), null, names);
                }
                names.addAll(more);
            }
            return new Names(budget, 0, directory, names);
        } catch (ErrnoException | RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    private static List<String> some(Fd directory, int bytes) throws ErrnoException {
        return Nodes.listSome(directory, bytes).stream().map(Nodes.Entry::name).toList();
    }

    /** Null after the last. */
    String next() throws ErrnoException {
        if (!ready.hasNext() && rest != null) {
            ready = some(rest, FEW).iterator();
        }
        return ready.hasNext() ? ready.next() : null;
    }

    @Override
    public void close() {
        budget.left += taken;
        if (rest != null) {
            rest.close();
        }
    }
}
