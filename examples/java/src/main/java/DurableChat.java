import genai.chats.v1.ChatsGrpc;
import genai.chats.v1.ChatsOuterClass.CreateChatRequest;
import genai.chats.v1.ChatsOuterClass.ReadTurnRequest;
import genai.chats.v1.ChatsOuterClass.SendMessageRequest;
import genai.chats.v1.ChatsOuterClass.Turn;
import genai.chats.v1.ChatsOuterClass.TurnEvent;
import genai.chats.v1.ContentOuterClass.GenerateContentConfig;
import genai.chats.v1.ContentOuterClass.GenerateContentResponse;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.util.Iterator;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Resumes a stream, and sends a message once. Kill the server while it prints, and start it again. Argument: the address. */
public final class DurableChat {
    static final Metadata.Key<byte[]> DETAILS = Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);

    public static void main(String[] args) throws InterruptedException {
        // No limit of 4 MiB for messages, which is gRPC's default, and the service is told so. Otherwise, it leaves out the data of parts that are too large.
        var channel = Grpc.newChannelBuilder(args.length > 0 ? args[0] : "127.0.0.1:50051", InsecureChannelCredentials.create())
            .maxInboundMessageSize(Integer.MAX_VALUE).build();
        var headers = new Metadata();
        headers.put(Metadata.Key.of("x-chat-max-message-bytes", Metadata.ASCII_STRING_MARSHALLER), "-1");
        var chats = ChatsGrpc.newBlockingStub(channel).withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
        var config = GenerateContentConfig.newBuilder().putLabels("echo-delay-ms", "100");
        var create = CreateChatRequest.newBuilder().setModel("echo").setConfig(config).setRequestId(newId()).build();
        var chat = call(() -> chats.createChat(create));
        System.out.println("created " + chat.getName());

        var send = SendMessageRequest.newBuilder().setName(chat.getName()).setRequestId(newId());
        stream(chats, send.setText("These words come one by one, even if the server is killed between them.").build(), piece -> System.out.println(piece.strip()));

        var again = send.setText("Once.").setRequestId(newId()).build();
        var isOne = call(() -> chats.sendMessage(again)).getTurn().getTurnId().equals(call(() -> chats.sendMessage(again)).getTurn().getTurnId());
        System.out.println("sent twice, one turn: " + isOne);
        channel.shutdown();
    }

    /** Sends a request until there is a response. The ID of the request makes it safe. */
    static <T> T call(Supplier<T> send) throws InterruptedException {
        for (long pause = 100; ; pause = Math.min(2 * pause, 5000)) {
            try {
                return send.get();
            } catch (StatusRuntimeException failure) {
                if (!isTransient(failure)) {
                    throw failure;
                }
            }
            Thread.sleep(pause);
        }
    }

    /** Hands on what the model says, each piece once, whatever happens to the connection or the server. */
    static void stream(ChatsGrpc.ChatsBlockingStub chats, SendMessageRequest send, Consumer<String> show) throws InterruptedException {
        String turnId = "", said = "", shown = "";
        long offset = 0;
        for (long pause = 100; ; pause = Math.min(2 * pause, 5000)) {
            try {
                // The ID of the request makes a second send the same turn. Once the turn is known, it is read from where it broke off.
                var read = ReadTurnRequest.newBuilder().setName(send.getName()).setTurnId(turnId).setAfterOffset(offset).build();
                Iterator<TurnEvent> events = turnId.isEmpty() ? chats.sendMessageStream(send) : chats.readTurn(read);
                while (events.hasNext()) {
                    TurnEvent event = events.next();
                    if (event.getOffset() <= offset) {
                        continue;
                    }
                    offset = event.getOffset();
                    pause = 50;
                    if (event.hasStarted()) { // Again, with a higher attempt: what earlier attempts said is void.
                        turnId = event.getStarted().getTurnId();
                        said = "";
                    } else if (event.hasEnded()) {
                        if (event.getEnded().getState() != Turn.State.STATE_COMPLETED) {
                            throw new IllegalStateException(event.getEnded().getError().getMessage());
                        }
                        return;
                    }
                    said += textOf(event.getChunk());
                    if (!said.startsWith(shown) && !shown.startsWith(said)) {
                        throw new IllegalStateException("The new attempt says something else.");
                    }
                    if (said.length() > shown.length()) {
                        show.accept(said.substring(shown.length()));
                        shown = said;
                    }
                }
            } catch (StatusRuntimeException failure) {
                if (!isTransient(failure)) {
                    throw failure;
                }
            }
            Thread.sleep(pause);
        }
    }

    /** Whether to resume, or to send again: the service is unavailable, or the error isn't the service's own, which has details. */
    static boolean isTransient(StatusRuntimeException failure) {
        boolean hasDetails = failure.getTrailers() != null && failure.getTrailers().containsKey(DETAILS);
        return switch (failure.getStatus().getCode()) {
            case UNAVAILABLE -> true;
            case INTERNAL, UNKNOWN, CANCELLED -> !hasDetails;
            default -> false;
        };
    }

    static String textOf(GenerateContentResponse chunk) {
        var text = new StringBuilder();
        chunk.getCandidatesList().stream().limit(1).flatMap(candidate -> candidate.getContent().getPartsList().stream())
            .filter(part -> !part.getThought()).forEach(part -> text.append(part.getText()));
        return text.toString();
    }

    static String newId() {
        return UUID.randomUUID().toString();
    }
}
