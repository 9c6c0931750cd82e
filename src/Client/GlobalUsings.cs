global using GenAI.Chats.V1;
global using Grpc.Core;
global using Microsoft.Extensions.Logging;
