// Command durable resumes a stream, and sends a message once. Kill the server while it prints, and start it again.
//
// Usage: go generate && go mod tidy && go run . [ADDRESS]
package main

//go:generate protoc -I../../protos --go_out=. --go-grpc_out=. --go_opt=module=example.com/durable --go-grpc_opt=module=example.com/durable --go_opt=Mgenai/chats/v1/chats.proto=example.com/durable/chatsv1,Mgenai/chats/v1/content.proto=example.com/durable/chatsv1 --go-grpc_opt=Mgenai/chats/v1/chats.proto=example.com/durable/chatsv1,Mgenai/chats/v1/content.proto=example.com/durable/chatsv1 genai/chats/v1/chats.proto genai/chats/v1/content.proto

import (
	"context"
	"fmt"
	"log"
	"os"
	"strings"

	pb "example.com/durable/chatsv1"
	"github.com/google/uuid"
	"google.golang.org/grpc/metadata"
)

func main() {
	address := "127.0.0.1:50051"
	if len(os.Args) > 1 {
		address = os.Args[1]
	}
	connection, err := connect(address)
	if err != nil {
		log.Fatal(err)
	}
	chats := pb.NewChatsClient(connection)
	// The connection has no limit for messages. Otherwise, the service leaves out the data of parts that are too large for gRPC's default.
	ctx := metadata.AppendToOutgoingContext(context.Background(), "x-chat-max-message-bytes", "-1")

	config := &pb.GenerateContentConfig{Labels: map[string]string{"echo-delay-ms": "100"}}
	chat, err := call(ctx, chats.CreateChat, &pb.CreateChatRequest{Model: "echo", Config: config, RequestId: uuid.NewString()})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("created", chat.Name)
	text := &pb.SendMessageRequest_Text{Text: "These words come one by one, even if the server is killed between them."}
	send := &pb.SendMessageRequest{Name: chat.Name, Input: text, RequestId: uuid.NewString()}
	if err := stream(ctx, chats, send, func(piece string) { fmt.Println(strings.TrimSpace(piece)) }); err != nil {
		log.Fatal(err)
	}

	again := &pb.SendMessageRequest{Name: chat.Name, Input: &pb.SendMessageRequest_Text{Text: "Once."}, RequestId: uuid.NewString()}
	var turns [2]string
	for i := range turns {
		sent, err := call(ctx, chats.SendMessage, again)
		if err != nil {
			log.Fatal(err)
		}
		turns[i] = sent.Turn.TurnId
	}
	fmt.Println("sent twice, one turn:", turns[0] == turns[1])
}
