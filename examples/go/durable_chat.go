// Streams that resume, and sends that are made once. The messages and stubs come from protoc, with protoc-gen-go and protoc-gen-go-grpc:
//
//	P=genai/chats/v1; M="M$P/chats.proto=example.com/durable/chatsv1,M$P/content.proto=example.com/durable/chatsv1"
//	protoc -I../../protos --go_out=. --go_opt=module=example.com/durable,$M --go-grpc_out=. --go-grpc_opt=module=example.com/durable,$M $P/chats.proto $P/content.proto
package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	pb "example.com/durable/chatsv1"
	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

// isTransient says whether to resume: the service is unavailable, or the error isn't the service's own, which has details.
func isTransient(err *status.Status) bool {
	broken := []codes.Code{codes.Internal, codes.Unknown, codes.Canceled}
	return err.Code() == codes.Unavailable || slices.Contains(broken, err.Code()) && len(err.Details()) == 0
}

// stream hands on the events of a turn, each once, whatever happens to the connection or the server.
func stream(ctx context.Context, chats pb.ChatsClient, send *pb.SendMessageRequest, take func(*pb.TurnEvent)) (err error) {
	var turnID string
	var offset int64
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		var from grpc.ServerStreamingClient[pb.TurnEvent]
		if turnID == "" { // The id of the request makes a second send the same turn.
			from, err = chats.SendMessageStream(ctx, send)
		} else { // Once the turn is known, it is read from where it broke off.
			from, err = chats.ReadTurn(ctx, &pb.ReadTurnRequest{Name: send.Name, TurnId: turnID, AfterOffset: offset})
		}
		for err == nil {
			var event *pb.TurnEvent
			if event, err = from.Recv(); err == nil && event.Offset > offset {
				offset, pause = event.Offset, 50*time.Millisecond
				if started := event.GetStarted(); started != nil {
					turnID = started.TurnId
				}
				if take(event); event.GetEnded() != nil {
					return nil
				}
			}
		}
		if !isTransient(status.Convert(err)) {
			return err
		}
		time.Sleep(pause)
	}
}

func main() {
	size := grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(math.MaxInt32)) // Messages can be larger than gRPC's limit of 4 MiB.
	connection, _ := grpc.NewClient("127.0.0.1:50051", grpc.WithTransportCredentials(insecure.NewCredentials()), size)
	chats, ctx := pb.NewChatsClient(connection), context.Background()
	chat, err := chats.CreateChat(ctx, &pb.CreateChatRequest{Model: "echo", RequestId: uuid.NewString()})
	if err == nil { // A started event with a higher attempt voids the chunks before it: see docs/concepts/turns.md.
		send := &pb.SendMessageRequest{Name: chat.Name, Input: &pb.SendMessageRequest_Text{Text: "Hello there!"}, RequestId: uuid.NewString()}
		err = stream(ctx, chats, send, func(event *pb.TurnEvent) { fmt.Println(event) })
	}
	fmt.Println("ended:", err)
}
