// The messages of the contract, and JSON: nearly every file converts one to the other.
global using System.Text.Json;
global using GenAI.Chats.Models.Json;
global using GenAI.Chats.V1;
global using Google.Protobuf;
global using Google.Protobuf.WellKnownTypes;
global using Google.Rpc;
