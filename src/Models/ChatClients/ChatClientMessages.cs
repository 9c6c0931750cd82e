using System.Net.Http.Headers;
using GenAI.Chats.Models.Requests;
using Microsoft.Extensions.AI;

namespace GenAI.Chats.Models.ChatClients;

/// <summary>Creates the messages of a request.</summary>
internal static class ChatClientMessages
{
    /// <summary>Returns the messages of the history and the turn.</summary>
    /// <exception cref="ModelException">INVALID_ARGUMENT: a field isn't supported. The message names it.</exception>
    public static List<ChatMessage> Of(IReadOnlyList<Content> history, IReadOnlyList<Content> contents, string provider) =>
        [.. new PortableContents(TakesMedia, NameOf(provider)).Read(history, contents).SelectMany(message => Of(message, provider))];

    /// <summary>Checks the contents, without the history.</summary>
    /// <exception cref="ModelException">INVALID_ARGUMENT: a field isn't supported. The message names it.</exception>
    public static void Check(IReadOnlyList<Content> contents, string provider) =>
        new PortableContents(TakesMedia, NameOf(provider)).Check(contents);

    /// <summary>Returns the provider's name in messages.</summary>
    public static string NameOf(string provider) => $"provider '{provider}'";

    private static bool TakesMedia(string mimeType, Uri? uri) => MediaTypeHeaderValue.TryParse(mimeType, out _);

    private static IEnumerable<ChatMessage> Of(PortableMessage message, string provider)
    {
        if (message.IsModels)
        {
            return [new ChatMessage(ChatRole.Assistant, [.. Said(message.Pieces, ChatClientKept.SourceOf(provider))])];
        }

        // Function results must directly follow the calls.
        var results = message.Pieces.OfType<ResultPiece>().Select(Of).ToList();
        var others = message.Pieces.Where(piece => piece is not ResultPiece).Select(Of).ToList();
        return new[] { new ChatMessage(ChatRole.Tool, results), new ChatMessage(ChatRole.User, others) }.Where(part => part.Contents.Count > 0);
    }

    // Of the thoughts, only protected ones are sent back, with their complete text.
    private static IEnumerable<AIContent> Said(IEnumerable<PortablePiece> pieces, string source)
    {
        var thought = "";
        foreach (var piece in pieces)
        {
            if (piece is not ThoughtPiece part)
            {
                yield return ChatClientKept.Restore(Of(piece), (piece as CallPiece)?.Extra, source);
                continue;
            }

            thought += part.Text;
            if (KeptMembers.Find(part.Extra, source) is not null)
            {
                yield return ChatClientKept.Restore(new TextReasoningContent(thought), part.Extra, source);
                thought = "";
            }
        }
    }

    private static AIContent Of(PortablePiece piece) => piece switch
    {
        TextPiece text => new TextContent(text.Text),
        MediaPiece { Data: { } data } media => new DataContent(data.Memory, media.MimeType),
        MediaPiece media => new UriContent(media.Uri!, media.MimeType),
        CallPiece call => new FunctionCallContent(
            call.Id,
            call.Call.Name,
            Element(call.Call.Args, call.Call.ArgsJson).EnumerateObject().ToDictionary(argument => argument.Name, argument => (object?)argument.Value)),
        ResultPiece result => new FunctionResultContent(result.Id, Element(result.Response.Response, result.Response.ResponseJson)),
        _ => throw new ArgumentOutOfRangeException(nameof(piece), piece, "A part of an unknown kind."),
    };

    private static JsonElement Element(Struct? value, ExactJson? exact) => JsonElement.Parse(RestJson.Write(value, exact));
}
