using System.Runtime.CompilerServices;
using GenAI.Chats.V1;
using Google.Rpc;

namespace GenAI.Chats.Models.Tests.Calls.Support;

/// <summary>Ways to answer a call.</summary>
internal static class Answers
{
    /// <summary>A chunk for each text; the last has finish reason STOP.</summary>
    public static Answer Text(params string[] texts) => _ => Chunks(texts, "STOP").ToAsyncEnumerable();

    /// <summary>These chunks.</summary>
    public static Answer Of(params GenerateContentResponse[] chunks) => _ => chunks.Select(chunk => chunk.Clone()).ToAsyncEnumerable();

    /// <summary>Nothing but a finish reason, and what it took.</summary>
    public static Answer Empty(string finishReason = "STOP") => Of(Chunk(null, finishReason));

    /// <summary>Fails, after chunks of these texts.</summary>
    public static Answer Fails(ModelException failure, params string[] texts) => cancellationToken => FailAsync(failure, texts, cancellationToken);

    /// <summary>Waits for the task, after chunks of some texts, then says the last one.</summary>
    public static Answer WaitsFor(Task gate, params string[] texts) => cancellationToken => WaitAsync(gate, texts, cancellationToken);

    /// <summary>Never goes on, after chunks of these texts.</summary>
    public static Answer Hangs(params string[] texts) => WaitsFor(new TaskCompletionSource().Task, [.. texts, "never"]);

    /// <summary>Waits for the task, after chunks of some texts, whether the call is cancelled or not.</summary>
    public static Answer Ignores(Task gate, params string[] texts) => _ => IgnoreAsync(gate, texts);

    public static ModelException Unavailable(TimeSpan? delay = null) => new(Code.Unavailable, ModelErrorReasons.Unavailable, "down", delay);

    public static ModelException Quota(TimeSpan? delay = null) => new(Code.ResourceExhausted, ModelErrorReasons.QuotaExceeded, "too many", delay);

    public static ModelException Timeout() => new(Code.DeadlineExceeded, ModelErrorReasons.Timeout, "slow");

    public static ModelException Invalid() => new(Code.InvalidArgument, ModelErrorReasons.InvalidRequest, "wrong");

    public static ModelException Credentials() => new(Code.FailedPrecondition, ModelErrorReasons.Credentials, "key");

    public static ModelException NotFound() => new(Code.NotFound, ModelErrorReasons.NotFound, "model");

    /// <summary>A chunk with one text part, or without parts.</summary>
    public static GenerateContentResponse Chunk(string? text, string? finishReason = null)
    {
        var candidate = new Candidate { Content = new Content { Role = "model" } };
        if (text is not null)
        {
            candidate.Content.Parts.Add(new Part { Text = text });
        }

        if (finishReason is not null)
        {
            candidate.FinishReason = finishReason;
        }

        return new GenerateContentResponse { Candidates = { candidate } };
    }

    private static IEnumerable<GenerateContentResponse> Chunks(string[] texts, string? finishReason = null) =>
        texts.Select((text, index) => Chunk(text, index == texts.Length - 1 ? finishReason : null));

    private static async IAsyncEnumerable<GenerateContentResponse> FailAsync(
        ModelException failure, string[] texts, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // As over a network: never at once.
        await Task.Yield();
        foreach (var chunk in Chunks(texts))
        {
            yield return chunk;
        }

        cancellationToken.ThrowIfCancellationRequested();
        throw failure;
    }

    private static async IAsyncEnumerable<GenerateContentResponse> IgnoreAsync(Task gate, string[] texts)
    {
        foreach (var chunk in Chunks(texts))
        {
            yield return chunk;
        }

        await gate;
    }

    private static async IAsyncEnumerable<GenerateContentResponse> WaitAsync(
        Task gate, string[] texts, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var chunks = Chunks(texts, "STOP").ToList();
        foreach (var chunk in chunks.SkipLast(1))
        {
            yield return chunk;
        }

        await gate.WaitAsync(cancellationToken);
        yield return chunks[^1];
    }
}
