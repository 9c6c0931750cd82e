// Streams that resume, and sends that are made once. The messages and stubs come from protoc, with grpc-java's plugin:
//   protoc -I../../protos --java_out=. --grpc-java_out=. genai/chats/v1/chats.proto genai/chats/v1/content.proto
import genai.chats.v1.ChatsGrpc;
import genai.chats.v1.ChatsOuterClass.*;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import java.util.Iterator;
import java.util.UUID;
import java.util.function.Consumer;

public final class DurableChat {
    static final Metadata.Key<byte[]> DETAILS = Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);

    /** Hands on the events of a turn, each once, whatever happens to the connection or the server. */
    static void stream(ChatsGrpc.ChatsBlockingStub chats, SendMessageRequest send, Consumer<TurnEvent> take) throws InterruptedException {
        String turnId = "";
        long offset = 0;
        for (long pause = 100; ; pause = Math.min(2 * pause, 5000)) {
            try {
                // The id of the request makes a second send the same turn. Once the turn is known, it is read from where it broke off.
                var read = ReadTurnRequest.newBuilder().setName(send.getName()).setTurnId(turnId).setAfterOffset(offset).build();
                Iterator<TurnEvent> events = turnId.isEmpty() ? chats.sendMessageStream(send) : chats.readTurn(read);
                while (events.hasNext()) {
                    TurnEvent event = events.next();
                    if (event.getOffset() <= offset) {
                        continue;
                    }
                    offset = event.getOffset();
                    pause = 50;
                    if (event.hasStarted()) {
                        turnId = event.getStarted().getTurnId();
                    }
                    take.accept(event);
                    if (event.hasEnded()) {
                        return;
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

    /** Whether to resume: the service is unavailable, or the error isn't the service's own, which has details. */
    static boolean isTransient(StatusRuntimeException failure) {
        boolean hasDetails = failure.getTrailers() != null && failure.getTrailers().containsKey(DETAILS);
        return switch (failure.getStatus().getCode()) {
            case UNAVAILABLE -> true;
            case INTERNAL, UNKNOWN, CANCELLED -> !hasDetails;
            default -> false;
        };
    }

    public static void main(String[] args) throws InterruptedException {
        var channel = Grpc.newChannelBuilder("127.0.0.1:50051", InsecureChannelCredentials.create()).maxInboundMessageSize(Integer.MAX_VALUE).build();
        var chats = ChatsGrpc.newBlockingStub(channel);
        var create = CreateChatRequest.newBuilder().setModel("echo").setRequestId(UUID.randomUUID().toString());
        var send = SendMessageRequest.newBuilder().setName(chats.createChat(create.build()).getName());
        send.setText("Hello there!").setRequestId(UUID.randomUUID().toString());
        // A started event with a higher attempt voids the chunks before it: see docs/concepts/turns.md.
        stream(chats, send.build(), event -> System.out.println(event));
        channel.shutdown();
    }
}
