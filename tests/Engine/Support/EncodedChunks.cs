using GenAI.Chats.Engine.Chunks;
using GenAI.Chats.Engine.Turns;
using GenAI.Chats.V1;
using Google.Protobuf;

namespace GenAI.Chats.Engine.Tests.Support;

/// <summary>Encodes what the engine is given encoded, too.</summary>
internal static class EncodedChunks
{
    public static void Add(this TurnRecorder recorder, GenerateContentResponse response) => recorder.Add(response, response.ToByteArray());

    public static void AddResponses(this TurnRecorder recorder, GenerateContentResponse responses) => recorder.AddResponses(responses, responses.ToByteArray());

    public static void Add(this ChunkEncoder encoder, GenerateContentResponse response) => encoder.Add(response, response.ToByteArray());
}
