using GenAI.Chats.V1;

namespace GenAI.Chats.Terminal;

/// <summary>Parts as text.</summary>
internal static class PartText
{
    /// <summary>A part's text, or what a person can be told of it.</summary>
    public static string Of(Part part) => part.DataCase switch
    {
        Part.DataOneofCase.Text => part.Text,
        Part.DataOneofCase.FunctionCall => $"[asks for {part.FunctionCall.Name}({part.FunctionCall.Args})]",
        Part.DataOneofCase.FunctionResponse => $"[{part.FunctionResponse.Name} returned {part.FunctionResponse.Response}]",
        Part.DataOneofCase.InlineData => $"[{part.InlineData.MimeType}, {part.InlineData.Data.Length} bytes]",
        Part.DataOneofCase.FileData => $"[{part.FileData.MimeType} {part.FileData.FileUri}]",
        Part.DataOneofCase.ExecutableCode => part.ExecutableCode.Code,
        Part.DataOneofCase.CodeExecutionResult => part.CodeExecutionResult.Output,
        Part.DataOneofCase.None => "",
        _ => $"[{part.DataCase}]",
    };

    /// <summary>A content's parts, but for the model's thinking.</summary>
    public static string Of(Content content) => string.Concat(content.Parts.Where(p => !p.Thought).Select(Of));
}
