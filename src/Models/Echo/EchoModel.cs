using System.Runtime.CompilerServices;
using System.Text;

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
    /// <summary>The name of the provider, its model, and its version in responses.</summary>
    public const string Name = "echo";

    /// <inheritdoc/>
    public async IAsyncEnumerable<GenerateContentResponse> GenerateAsync(
        ModelRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var script = EchoScript.Of(request.Config);
        if (script.Calls.Count > 0 && CountAnswered(request.Contents) < script.CallRounds)
        {
            await StepAsync(script, 1, cancellationToken).ConfigureAwait(false);
            yield return End(Respond(new Content { Role = "model", Parts = { script.Calls.Select(call => new Part { FunctionCall = call }) } }), script, "", "");
            yield break;
        }

        var message = LastMessage(request.Contents);
        var text = script.RepeatText(message);
        var chunks = 0;
        for (var start = 0; start < text.Length || chunks == 0;)
        {
            var end = EndOfWord(text, start);
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
                ModelErrorReasons.Unavailable, $"The echo model failed at chunk {chunk} because of label {EchoScript.FailAtLabel}.")
            {
                // A retry would fail again.
                IsRetryable = false,
            };
        }
    }

    private static GenerateContentResponse Respond(string text) => Respond(new Content { Role = "model", Parts = { new Part { Text = text } } });

    private static GenerateContentResponse Respond(Content content) =>
        new() { Candidates = { new Candidate { Content = content } }, ModelVersion = Name };

    private static GenerateContentResponse End(GenerateContentResponse response, EchoScript script, string message, string text)
    {
        var prompt = CountWords(message);
        var answer = CountWords(text);
        response.Candidates[0].FinishReason = script.FinishReason;
        response.UsageMetadata = new UsageMetadata
        {
            PromptTokenCount = prompt,
            CandidatesTokenCount = answer,
            TotalTokenCount = prompt + answer,
        };
        return response;
    }

    // Returns the joined texts and function responses of the last user content. Empty if there is none.
    private static string LastMessage(IReadOnlyList<Content> contents)
    {
        var last = contents.LastOrDefault(content => content.Role is "user" or "");
        return last is null ? "" : string.Concat(last.Parts.Select(TextOf));
    }

    // Returns the number of contents with function responses.
    private static int CountAnswered(IReadOnlyList<Content> contents) =>
        contents.Count(content => content.Parts.Any(part => part.DataCase == Part.DataOneofCase.FunctionResponse));

    // Returns the end of the word at start, including its space.
    private static int EndOfWord(string text, int start)
    {
        var space = text.IndexOf(' ', start);
        return space < 0 ? text.Length : space + 1;
    }

    // Returns the number of words.
    private static int CountWords(string text) => text.AsSpan().Count(' ') + (text.Length > 0 && text[^1] != ' ' ? 1 : 0);

    private static string TextOf(Part part) => part.DataCase switch
    {
        Part.DataOneofCase.Text => part.Text,
        Part.DataOneofCase.FunctionResponse => TextOf(part.FunctionResponse.Response),
        _ => "",
    };

    // By convention, these members contain the result. Otherwise the response is echoed as JSON.
    private static string TextOf(Struct? response)
    {
        if (response is null)
        {
            return "";
        }

        foreach (var name in (ReadOnlySpan<string>)["output", "result"])
        {
            if (response.Fields.TryGetValue(name, out var value) && value.KindCase == Value.KindOneofCase.StringValue)
            {
                return value.StringValue;
            }
        }

        return Encoding.UTF8.GetString(RestJson.Write(response));
    }
}
