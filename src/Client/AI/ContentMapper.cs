using GenAI.Chats.V1;
using Google.Protobuf;
using Microsoft.Extensions.AI;

namespace GenAI.Chats.Client.AI;

/// <summary>Contents of Microsoft.Extensions.AI, and parts.</summary>
internal static class ContentMapper
{
    /// <summary>A message of the model or the user as a content.</summary>
    public static Content ToContent(ChatMessage message, IReadOnlyList<ChatMessage> messages)
    {
        var content = new Content { Role = message.Role == ChatRole.Assistant ? Roles.Model : Roles.User };
        content.Parts.Add(message.Contents.Select(c => ToPart(c, messages)).OfType<Part>());
        return content;
    }

    /// <summary>A part as a content. What has no kind of its own there keeps its part as its raw representation, as all others do.</summary>
    /// <param name="part">The part.</param>
    /// <param name="place">The part's place in its response.</param>
    public static AIContent ToAIContent(Part part, int place)
    {
        AIContent content = part.DataCase switch
        {
            Part.DataOneofCase.Text when part.Thought => Reasoning(part),
            Part.DataOneofCase.Text => new TextContent(part.Text),
            Part.DataOneofCase.FunctionCall =>
                new FunctionCallContent(
                    CallIds.Of(part.FunctionCall, place),
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

    // Null: it is not for the model.
    private static Part? ToPart(AIContent content, IReadOnlyList<ChatMessage> messages) => content switch
    {
        UsageContent => null,
        TextContent text => text.RawRepresentation is Part raw && raw.Text == text.Text ? raw.Clone() : new Part { Text = text.Text },

        // What the model said goes back as it was, signatures and all.
        { RawRepresentation: Part raw } => raw.Clone(),
        TextReasoningContent reasoning => Thought(reasoning),
        FunctionCallContent call => new Part { FunctionCall = CallIds.Call(call) },
        FunctionResultContent result => new Part { FunctionResponse = CallIds.Answer(result, messages) },
        DataContent data => new Part { InlineData = new Blob { MimeType = data.MediaType, Data = ByteString.CopyFrom(data.Data.Span) } },
        UriContent uri => new Part { FileData = new FileData { MimeType = uri.MediaType, FileUri = uri.Uri.AbsoluteUri } },
        HostedFileContent file => new Part { FileData = new FileData { MimeType = file.MediaType ?? "", FileUri = file.FileId } },
        _ => throw new NotSupportedException($"A {content.GetType().Name} cannot be sent to a chat."),
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
