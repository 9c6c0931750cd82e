using GenAI.Chats.Engine.History;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.Engine.Turns;
using GenAI.Chats.V1;
using Google.Protobuf;

namespace GenAI.Chats.Micro;

/// <summary>What a turn of twenty words is made of.</summary>
internal static class Samples
{
    public static readonly string[] Words = [.. Enumerable.Range(0, 20).Select(i => $"word{i:00} ")];

    public static readonly string Text = string.Concat(Words);

    public static Content Content(string role, string text) => new() { Role = role, Parts = { new Part { Text = text } } };

    /// <summary>A model's answer in chunks: a word each, then the finish reason.</summary>
    public static GenerateContentResponse[] Chunks()
    {
        var chunks = Words.Select(word => new GenerateContentResponse
        {
            Candidates = { new Candidate { Content = Content(Curation.Model, word) } },
            ModelVersion = "echo",
        }).ToArray();
        chunks[^1].Candidates[0].FinishReason = "STOP";
        chunks[^1].UsageMetadata = new UsageMetadata { PromptTokenCount = 20, CandidatesTokenCount = 20, TotalTokenCount = 40 };
        return chunks;
    }

    public static SendMessageRequest Send() => new() { Name = "chats/sample", Text = Text, RequestId = "request" };

    /// <summary>What is stored of an answer.</summary>
    public static TurnOutcome Record(GenerateContentResponse[] chunks)
    {
        var recorder = new TurnRecorder(stream: true);
        foreach (var chunk in chunks)
        {
            recorder.Add(chunk, chunk.ToByteArray());
        }

        return recorder.ToOutcome(recorded: true);
    }
}
