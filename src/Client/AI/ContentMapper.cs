using Google.Protobuf;
using Microsoft.Extensions.AI;

namespace GenAI.Chats.Client.AI;

/// <summary>Maps contents of Microsoft.Extensions.AI to parts, and back.</summary>
internal static class ContentMapper
{
    /// <summary>Maps a message to a content.</summary>
    public static Content ToContent(ChatMessage message, IReadOnlyList<ChatMessage> messages)
    {
        var content = new Content { Role = message.Role == ChatRole.Assistant ? Roles.Model : Roles.User };
        content.Parts.Add(message.Contents.Select(c => ToPart(c, messages)).OfType<Part>());
        return content;
    }

    /// <summary>Maps a part to a content, with the part as its raw representation.</summary>
    /// <param name="part">The part.</param>
    /// <param name="position">The part's position in its response.</param>
    public static AIContent ToAIContent(Part part, int position)
    {
        AIContent content = part.DataCase switch
        {
            Part.DataOneofCase.Text when part.Thought => Reasoning(part),
            Part.DataOneofCase.Text => new TextContent(part.Text),
            Part.DataOneofCase.FunctionCall =>
                new FunctionCallContent(
                    CallIds.Of(part.FunctionCall, position),
                    part.FunctionCall.Name,
                    JsonValues.ToArguments(part.FunctionCall.Args, part.FunctionCall.ArgsJson)),
            Part.DataOneofCase.InlineData => new DataContent(part.InlineData.Data.Memory, MediaType(part.InlineData.MimeType)),
            Part.DataOneofCase.FileData => new UriContent(part.FileData.FileUri, MediaType(part.FileData.MimeType)),
            _ => new AIContent(),
        };
        content.RawRepresentation = part;
        return content;
    }

    private static string MediaType(string mimeType) => mimeType.Length > 0 ? mimeType : "application/octet-stream";

    private static TextReasoningContent Reasoning(Part part) =>
        new(part.Text) { ProtectedData = part.HasThoughtSignature ? part.ThoughtSignature : null };

    // Null if the content isn't for the model.
    private static Part? ToPart(AIContent content, IReadOnlyList<ChatMessage> messages) => content switch
    {
        UsageContent => null,
        TextContent text => text.RawRepresentation is Part raw && raw.Text == text.Text ? raw.Clone() : new Part { Text = text.Text },

        // Parts of the model are sent back unchanged, including their signatures.
        { RawRepresentation: Part raw } => raw.Clone(),
        TextReasoningContent reasoning => Thought(reasoning),
        FunctionCallContent call => new Part { FunctionCall = CallIds.Call(call) },
        FunctionResultContent result => new Part { FunctionResponse = CallIds.Answer(result, messages) },
        DataContent data => new Part { InlineData = new Blob { MimeType = data.MediaType, Data = ByteString.CopyFrom(data.Data.Span) } },
        UriContent uri => new Part { FileData = new FileData { MimeType = uri.MediaType, FileUri = uri.Uri.AbsoluteUri } },
        HostedFileContent file => new Part { FileData = new FileData { MimeType = file.MediaType ?? "", FileUri = file.FileId } },
        _ => throw new NotSupportedException($"Content type '{content.GetType().Name}' isn't supported."),
    };

    private static Part Thought(TextReasoningContent reasoning)
    {
        var part = new Part { Text = reasoning.Text, Thought = true };
        if (reasoning.ProtectedData is { } signature)
        {
            part.ThoughtSignature = signature;
        }

        return part;
    }
}
