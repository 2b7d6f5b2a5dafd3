package dev.gantry.agent.linux;

import static dev.gantry.agent.linux.Libc.INT;
import static dev.gantry.agent.linux.Libc.POINTER;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * Runs nftables commands, in process by libnftables (libnftables(3)), or by the program {@code nft} where the library
 * is missing. Each call is one transaction: all of it is done or nothing. The library acts on the network namespace of
 * the thread that made this object, the program on the one that is named.
 *
 * <p>The library waits for the kernel with select(2), which ends the process for a descriptor of {@link #FD_SETSIZE} or above.
 * Where the next descriptor would be near it, as with hundreds of containers, the program does the work.
 */
public final class Nftables implements AutoCloseable {
    private static final String LIBRARY = "libnftables.so.1";
    private static final long MAX_OUTPUT = 16L << 20;

    /** Of sys/select.h. */
    private static final int FD_SETSIZE = 1024;

    /** Descriptors that other threads may open meanwhile. */
    private static final int MARGIN = 128;

    private final ReentrantLock lock = new ReentrantLock();
    private final List<String> program;
    private final Library library;
    private final MemorySegment context;

    /** For the namespace that this process is in. */
    public Nftables() {
        this(List.of());
    }

    /**
     * For another one, which the calling thread is in.
     *
     * @param namespace where it is pinned
     */
    public Nftables(Path namespace) {
        this(List.of("nsenter", "--net=" + namespace));
    }

    private Nftables(List<String> enter) {
        this.program =
                Stream.concat(enter.stream(), Stream.of("nft", "-f", "-")).toList();
        this.library = isNextDescriptorLow() ? Library.load().orElse(null) : null;
        this.context = library == null ? MemorySegment.NULL : library.newContext();
    }

    private static boolean isNextDescriptorLow() {
        try (Fd next = OpenFiles.open("/dev/null", 0)) {
            return next.number() < FD_SETSIZE - MARGIN;
        } catch (ErrnoException e) {
            return false;
        }
    }

    /**
     * @param commands in nft(8)'s language
     * @return what {@code list} commands print
     * @throws IOException with nft's own words
     */
    public String run(String commands) throws IOException {
        lock.lock();
        try {
            return library == null ? runProgram(commands) : library.run(context, commands);
        } finally {
            lock.unlock();
        }
    }

    /** Gives the library's socket back; nothing is to be run afterwards. */
    @Override
    public void close() {
        lock.lock();
        try {
            if (library != null) {
                library.free(context);
            }
        } finally {
            lock.unlock();
        }
    }

    private String runProgram(String commands) throws IOException {
        Process nft = new ProcessBuilder(program).redirectErrorStream(true).start();
        try {
            nft.getOutputStream().write(commands.getBytes(StandardCharsets.UTF_8));
            nft.getOutputStream().close();
            String output = new String(nft.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!nft.waitFor(30, TimeUnit.SECONDS) || nft.exitValue() != 0) {
                throw new IOException("nft: " + output.strip());
            }
            return output;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("nft was interrupted", e);
        } finally {
            nft.destroyForcibly();
        }
    }

    private record Library(
            MethodHandle create,
            MethodHandle free,
            MethodHandle bufferOutput,
            MethodHandle bufferError,
            MethodHandle execute,
            MethodHandle output,
            MethodHandle error) {

        static Optional<Library> load() {
            SymbolLookup symbols;
            try {
                symbols = SymbolLookup.libraryLookup(LIBRARY, Arena.global());
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
            FunctionDescriptor text = FunctionDescriptor.of(POINTER, POINTER);
            FunctionDescriptor flag = FunctionDescriptor.of(INT, POINTER);
            return Optional.of(new Library(
                    find(symbols, "nft_ctx_new", FunctionDescriptor.of(POINTER, INT)),
                    find(symbols, "nft_ctx_free", FunctionDescriptor.ofVoid(POINTER)),
                    find(symbols, "nft_ctx_buffer_output", flag),
                    find(symbols, "nft_ctx_buffer_error", flag),
                    find(symbols, "nft_run_cmd_from_buffer", FunctionDescriptor.of(INT, POINTER, POINTER)),
                    find(symbols, "nft_ctx_get_output_buffer", text),
                    find(symbols, "nft_ctx_get_error_buffer", text)));
        }

        private static MethodHandle find(SymbolLookup symbols, String name, FunctionDescriptor type) {
            return Linker.nativeLinker().downcallHandle(symbols.findOrThrow(name), type);
        }

        MemorySegment newContext() {
            try {
                MemorySegment context = (MemorySegment) create.invokeExact(0);
                int ignored = (int) bufferOutput.invokeExact(context) + (int) bufferError.invokeExact(context);
                return context;
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }

        void free(MemorySegment context) {
            try {
                free.invokeExact(context);
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }

        String run(MemorySegment context, String commands) throws IOException {
            try (Arena arena = Arena.ofConfined()) {
                int result = (int) execute.invokeExact(context, arena.allocateFrom(commands));
                String printed = text((MemorySegment) output.invokeExact(context));
                String complaint = text((MemorySegment) error.invokeExact(context));
                if (result != 0) {
                    throw new IOException("nft: " + complaint.strip());
                }
                return printed;
            } catch (IOException e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }

        private static String text(MemorySegment pointer) {
            return pointer.equals(MemorySegment.NULL)
                    ? ""
                    : pointer.reinterpret(MAX_OUTPUT).getString(0);
        }
    }
}
