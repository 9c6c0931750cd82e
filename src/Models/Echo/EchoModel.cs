using System.Runtime.CompilerServices;
using GenAI.Chats.V1;
using Google.Rpc;

namespace GenAI.Chats.Models.Echo;

/// <summary>
/// A model without network: it responds with the text of the last user message, one chunk per word. The last chunk has the finish reason and the usage,
/// one token per word. Labels of the config change the behavior: see <see cref="EchoScript"/>.
/// </summary>
/// <remarks>
/// The response to an empty text is one chunk with an empty text part. The history is never read, so the cost of a turn doesn't depend on the chat's
/// length. Therefore the prompt tokens are those of the last message, and function calls have no tokens.
/// </remarks>
internal sealed class EchoModel(TimeProvider time) : IChatModel
{
    /// <summary>The model version in responses.</summary>
    public const string Version = "echo";

    /// <inheritdoc/>
    public async IAsyncEnumerable<GenerateContentResponse> GenerateAsync(
        ModelRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var script = EchoScript.Of(request.Config);
        if (script.Calls.Count > 0 && EchoText.CountAnswered(request.Contents) < script.CallRounds)
        {
            await StepAsync(script, 1, cancellationToken).ConfigureAwait(false);
            yield return End(RespondCalls(script.Calls), script, "", "");
            yield break;
        }

        var message = EchoText.LastMessage(request.Contents);
        var text = script.RepeatText(message);
        var chunks = 0;
        for (var start = 0; start < text.Length || chunks == 0;)
        {
            var end = EchoText.EndOfWord(text, start);
            chunks++;
            await StepAsync(script, chunks, cancellationToken).ConfigureAwait(false);
            var isLast = end == text.Length;
            if (request.Stream)
            {
                var response = Respond(text[start..end]);
                yield return isLast ? End(response, script, message, text) : response;
            }
            else if (isLast)
            {
                yield return End(Respond(text), script, message, text);
            }

            start = end;
        }
    }

    private async ValueTask StepAsync(EchoScript script, int chunk, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (script.Delay > TimeSpan.Zero)
        {
            await Task.Delay(script.Delay, time, cancellationToken).ConfigureAwait(false);
        }

        if (chunk == script.FailAt)
        {
            throw new ModelException(
                Code.Unavailable,
                ModelErrorReasons.Unavailable,
                $"The echo model failed at chunk {chunk} because of label {EchoScript.FailAtLabel}.")
            {
                // A retry would fail again.
                IsRetryable = false,
            };
        }
    }

    private static GenerateContentResponse Respond(string text) => Respond(new Content { Role = "model", Parts = { new Part { Text = text } } });

    private static GenerateContentResponse RespondCalls(IReadOnlyList<FunctionCall> calls)
    {
        var content = new Content { Role = "model" };
        content.Parts.Add(calls.Select(call => new Part { FunctionCall = call }));
        return Respond(content);
    }

    private static GenerateContentResponse Respond(Content content) =>
        new() { Candidates = { new Candidate { Content = content } }, ModelVersion = Version };

    private static GenerateContentResponse End(GenerateContentResponse response, EchoScript script, string message, string text)
    {
        var prompt = EchoText.CountWords(message);
        var answer = EchoText.CountWords(text);
        response.Candidates[0].FinishReason = script.FinishReason;
        response.UsageMetadata = new UsageMetadata
        {
            PromptTokenCount = prompt,
            CandidatesTokenCount = answer,
            TotalTokenCount = prompt + answer,
        };
        return response;
    }
}
