namespace GenAI.Chats.Console;

/// <summary>Shows parts as text.</summary>
internal static class PartText
{
    /// <summary>Returns a part's text, or a description of it.</summary>
    public static string Of(Part part) => part.DataCase switch
    {
        Part.DataOneofCase.Text => part.Text,
        Part.DataOneofCase.FunctionCall => $"[calls {part.FunctionCall.Name}({part.FunctionCall.Args})]",
        Part.DataOneofCase.FunctionResponse => $"[{part.FunctionResponse.Name} returned {part.FunctionResponse.Response}]",
        Part.DataOneofCase.InlineData => $"[{part.InlineData.MimeType}, {part.InlineData.Data.Length} bytes]",
        Part.DataOneofCase.FileData => $"[{part.FileData.MimeType} {part.FileData.FileUri}]",
        Part.DataOneofCase.ExecutableCode => part.ExecutableCode.Code,
        Part.DataOneofCase.CodeExecutionResult => part.CodeExecutionResult.Output,
        Part.DataOneofCase.None => "",
        _ => $"[{part.DataCase}]",
    };

    /// <summary>Returns a content's parts, without thoughts.</summary>
    public static string Of(Content content) => string.Concat(content.Parts.Where(p => !p.Thought).Select(Of));
}
