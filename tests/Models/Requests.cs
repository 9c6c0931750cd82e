using GenAI.Chats.V1;

namespace GenAI.Chats.Models.Tests;

/// <summary>Short ways to call a model.</summary>
internal static class Requests
{
    public static Content User(params string[] texts)
    {
        var content = new Content { Role = "user" };
        content.Parts.Add(texts.Select(text => new Part { Text = text }));
        return content;
    }

    public static Content Model(string text) => new() { Role = "model", Parts = { new Part { Text = text } } };

    public static ModelRequest Ask(
        string text, bool stream = true, GenerateContentConfig? config = null, string model = "gemini-2.5-flash", params Content[] history) =>
        Ask([User(text)], stream, config, model, history);

    public static ModelRequest Ask(
        IReadOnlyList<Content> contents,
        bool stream = true,
        GenerateContentConfig? config = null,
        string model = "gemini-2.5-flash",
        params Content[] history) =>
        new()
        {
            Model = model,
            Contents = contents,
            ReadHistoryAsync = _ => ValueTask.FromResult<IReadOnlyList<Content>>(history),
            Config = config,
            Stream = stream,
        };

    public static async Task<List<GenerateContentResponse>> CallAsync(
        this IChatModel model, ModelRequest request, CancellationToken cancellationToken = default)
    {
        var responses = new List<GenerateContentResponse>();
        await foreach (var response in model.GenerateAsync(request, cancellationToken))
        {
            responses.Add(response);
        }

        return responses;
    }

    public static string TextOf(this GenerateContentResponse response) =>
        string.Concat(response.Candidates.SelectMany(candidate => candidate.Content?.Parts ?? []).Select(part => part.Text));
}
