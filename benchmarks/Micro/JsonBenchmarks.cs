using BenchmarkDotNet.Attributes;
using GenAI.Chats.Models.Json;
using GenAI.Chats.V1;

namespace GenAI.Chats.Micro;

/// <summary>The converter between messages and the REST API's JSON.</summary>
public class JsonBenchmarks
{
    private readonly GenerateContentResponse _chunk = Samples.Chunks()[^1];
    private readonly byte[] _json = RestJson.Write(Samples.Chunks()[^1]);

    /// <summary>A chunk to JSON.</summary>
    [Benchmark]
    public object Write() => RestJson.Write(_chunk);

    /// <summary>A chunk from JSON.</summary>
    [Benchmark]
    public object Read() => RestJson.Read<GenerateContentResponse>(_json);
}
