package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	pb "example.com/durable/chatsv1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// call sends a request until there is a response. The ID of the request makes it safe.
func call[Request, Response any](ctx context.Context, method func(context.Context, *Request, ...grpc.CallOption) (*Response, error), request *Request) (*Response, error) {
	for pause := 100 * time.Millisecond; ; pause = shorter(2*pause, 5*time.Second) {
		response, err := method(ctx, request)
		if err == nil || !isTransient(status.Convert(err)) {
			return response, err
		}
		time.Sleep(pause)
	}
}

// stream calls show with what the model says, each piece once, whatever happens to the connection or the server.
func stream(ctx context.Context, chats pb.ChatsClient, send *pb.SendMessageRequest, show func(string)) error {
	var turnID, said, shown string
	var offset int64
	for pause := 100 * time.Millisecond; ; pause = shorter(2*pause, 5*time.Second) {
		var events interface{ Recv() (*pb.TurnEvent, error) }
		var err error
		if turnID == "" { // The ID of the request makes a second send the same turn.
			events, err = chats.SendMessageStream(ctx, send)
		} else { // Once the turn is known, it is read from where it broke off.
			events, err = chats.ReadTurn(ctx, &pb.ReadTurnRequest{Name: send.Name, TurnId: turnID, AfterOffset: offset})
		}
		for err == nil {
			var event *pb.TurnEvent
			if event, err = events.Recv(); err != nil || event.Offset <= offset {
				continue
			}
			offset, pause = event.Offset, 50*time.Millisecond
			if started := event.GetStarted(); started != nil { // Again, with a higher attempt: what earlier attempts said is void.
				turnID, said = started.TurnId, ""
			} else if ended := event.GetEnded(); ended != nil {
				if ended.State != pb.Turn_STATE_COMPLETED {
					return fmt.Errorf("the turn ended as %v: %v", ended.State, ended.GetError().GetMessage())
				}
				return nil
			}
			said += textOf(event.GetChunk())
			if !strings.HasPrefix(said, shown) && !strings.HasPrefix(shown, said) {
				return fmt.Errorf("the new attempt says something else: %q", said)
			}
			if len(said) > len(shown) {
				show(said[len(shown):])
				shown = said
			}
		}
		if !isTransient(status.Convert(err)) {
			return err
		}
		time.Sleep(pause)
	}
}

// isTransient reports whether to resume, or to send again: the service is unavailable, or the error isn't the service's own, which has details.
func isTransient(err *status.Status) bool {
	switch err.Code() {
	case codes.Unavailable:
		return true
	case codes.Internal, codes.Unknown, codes.Canceled:
		return len(err.Details()) == 0
	}
	return false
}

func textOf(chunk *pb.GenerateContentResponse) (text string) {
	if candidates := chunk.GetCandidates(); len(candidates) > 0 {
		for _, part := range candidates[0].GetContent().GetParts() {
			if !part.GetThought() {
				text += part.GetText()
			}
		}
	}
	return text
}

func shorter(a, b time.Duration) time.Duration {
	if a < b {
		return a
	}
	return b
}
