using BenchmarkDotNet.Attributes;
using GenAI.Chats.Engine.Chunks;
using GenAI.Chats.Engine.Sessions;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.V1;
using Google.Protobuf;

namespace GenAI.Chats.Micro;

/// <summary>What becomes of a send and of its answer on their way to the store and back.</summary>
public class RecordBenchmarks
{
    private readonly SendMessageRequest _send = Samples.Send();
    private readonly GenerateContentResponse[] _chunks = Samples.Chunks();
    private readonly byte[] _outcome = Samples.Record(Samples.Chunks()).ToByteArray();

    /// <summary>A send as the engine takes it, hashed.</summary>
    [Benchmark]
    public object TakeSend() => TurnRequest.From(_send, stream: true);

    /// <summary>Twenty chunks as they are recorded.</summary>
    [Benchmark]
    public object RecordChunks() => Samples.Record(_chunks);

    /// <summary>The same, read from the store, as chunks again.</summary>
    [Benchmark]
    public int ReplayChunks()
    {
        var outcome = TurnOutcome.Parser.ParseFrom(_outcome);
        return ChunkDecoder.Decode(outcome.Chunks, outcome.Contents).Count();
    }
}
