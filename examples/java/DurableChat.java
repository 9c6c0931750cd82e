// Streams that resume, and sends that are made once. The messages and stubs come from protoc, with grpc-java's plugin:
//   protoc -I../../protos --java_out=. --grpc-java_out=. genai/chats/v1/chats.proto genai/chats/v1/content.proto
import genai.chats.v1.ChatsGrpc;
import genai.chats.v1.ChatsOuterClass.*;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Iterator;
import java.util.UUID;
import java.util.function.Consumer;

public final class DurableChat {
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
                if (failure.getStatus().getCode() != Status.Code.UNAVAILABLE) {
                    throw failure;
                }
            }
            Thread.sleep(pause);
        }
    }

    public static void main(String[] args) throws InterruptedException {
        var channel = Grpc.newChannelBuilder("127.0.0.1:50051", InsecureChannelCredentials.create()).build();
        var chats = ChatsGrpc.newBlockingStub(channel);
        var create = CreateChatRequest.newBuilder().setModel("echo").setRequestId(UUID.randomUUID().toString());
        var send = SendMessageRequest.newBuilder().setName(chats.createChat(create.build()).getName());
        send.setText("Hello there!").setRequestId(UUID.randomUUID().toString());
        // A started event with a higher attempt voids the chunks before it: see docs/concepts/turns.md.
        stream(chats, send.build(), event -> System.out.println(event));
        channel.shutdown();
    }
}
