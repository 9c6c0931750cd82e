module example.com/durable

go 1.19

// protoc's plugins: protoc-gen-go 1.33 or later, and protoc-gen-go-grpc 1.3 or later. 1.5 and later need gRPC 1.64.
require (
	github.com/google/uuid v1.6.0
	google.golang.org/grpc v1.64.0
	google.golang.org/protobuf v1.33.0
)
