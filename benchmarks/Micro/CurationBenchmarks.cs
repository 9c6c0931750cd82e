using BenchmarkDotNet.Attributes;
using GenAI.Chats.Engine.History;
using GenAI.Chats.V1;

namespace GenAI.Chats.Micro;

/// <summary>Curation of a history that a client brings.</summary>
public class CurationBenchmarks
{
    private readonly Content[] _history =
    [
        .. Enumerable.Range(0, 1000).Select(i => i % 2 == 0
            ? Samples.Content(Curation.User, Samples.Text)
            : i % 99 == 0 ? new Content { Role = Curation.Model } : Samples.Content(Curation.Model, Samples.Text)),
    ];

    /// <summary>A thousand contents, some invalid.</summary>
    [Benchmark]
    public int Curate() => Curation.Uncurated(_history, out _).Count;
}
