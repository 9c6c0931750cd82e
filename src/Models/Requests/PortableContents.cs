namespace GenAI.Chats.Models.Requests;

/// <summary>
/// Converts contents for providers other than Google, without signatures, which only the model that created them can use. Other unsupported parts are
/// rejected in the turn's own contents, and left out of the history, which can come from another model.
/// </summary>
/// <param name="takesMedia">Returns whether the provider supports a MIME type, inline or with a URL.</param>
/// <param name="provider">The provider, in messages.</param>
internal sealed class PortableContents(Func<string, Uri?, bool> takesMedia, string provider)
{
    private readonly CallIds _ids = new();

    /// <summary>Returns the history and the turn's own contents.</summary>
    /// <exception cref="ModelException">INVALID_ARGUMENT, with the name of the unsupported field.</exception>
    public IReadOnlyList<PortableMessage> Read(IEnumerable<Content> history, IReadOnlyList<Content> contents) =>
    [
        .. history.Select(content => Read(content, null)).Concat(contents.Select((content, index) => Read(content, $"contents[{index}]")))
            .Where(message => message.Pieces.Any(piece => piece is not ThoughtPiece)),
    ];

    /// <summary>Checks the turn's own contents. Whether function responses have a call can't be checked without the history.</summary>
    /// <exception cref="ModelException">INVALID_ARGUMENT, with the name of the unsupported field.</exception>
    public void Check(IReadOnlyList<Content> contents)
    {
        _ids.AcceptsAnyResponse = true;
        _ = Read([], contents);
    }

    private PortableMessage Read(Content content, string? field)
    {
        var isModels = content.Role == "model";
        // The client can't correct what a model said.
        var isOwn = field is not null && !isModels;
        var pieces = content.Parts.Select((part, index) => Read(part, isModels, isOwn ? $"{field}.parts[{index}]" : null));
        return new PortableMessage(isModels, [.. pieces.OfType<PortablePiece>()], content.Extra);
    }

    private PortablePiece? Read(Part part, bool isModels, string? field)
    {
        if (part.Thought)
        {
            return isModels && part.DataCase is Part.DataOneofCase.Text or Part.DataOneofCase.None ? new ThoughtPiece(part.Text, part.Extra) : null;
        }

        if (field is not null && Modifier(part) is { } modifier)
        {
            throw Refusal.Of($"{field}.{modifier}", $"isn't supported by {provider}");
        }

        return part.DataCase switch
        {
            Part.DataOneofCase.Text => part.Text.Length > 0 || !isModels ? new TextPiece(part.Text) : null,
            Part.DataOneofCase.InlineData => Media(part.InlineData.MimeType, isModels, $"{field}.inline_data", field)
                ? new MediaPiece(part.InlineData.MimeType, part.InlineData.Data, null)
                : null,
            Part.DataOneofCase.FileData => File(part.FileData, isModels, field),
            Part.DataOneofCase.FunctionCall => new CallPiece(_ids.Add(part.FunctionCall), part.FunctionCall, part.Extra),
            Part.DataOneofCase.FunctionResponse => Result(part.FunctionResponse, field),
            Part.DataOneofCase.ExecutableCode => new TextPiece(Fence(part.ExecutableCode.Language.ToLowerInvariant(), part.ExecutableCode.Code)),
            Part.DataOneofCase.CodeExecutionResult => new TextPiece(Fence("", part.CodeExecutionResult.Output)),
            Part.DataOneofCase.AudioTranscription => new TextPiece(part.AudioTranscription.Text),
            Part.DataOneofCase.None => null,
            var kind when field is not null => throw Refusal.Of($"{field}.{Name(kind)}", $"isn't supported by {provider}"),
            _ => null,
        };
    }

    private ResultPiece? Result(FunctionResponse response, string? field)
    {
        if (field is not null && response.Parts.Count > 0)
        {
            throw Refusal.Of($"{field}.function_response.parts", $"isn't supported by {provider}: function responses must be JSON");
        }

        return _ids.Find(response) is { } id
            ? new ResultPiece(id, response)
            : field is null ? null : throw Refusal.Of($"{field}.function_response", "doesn't match an open function call");
    }

    private MediaPiece? File(FileData file, bool isModels, string? field)
    {
        if (!Uri.TryCreate(file.FileUri, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            return field is null
                ? null
                : throw Refusal.Of($"{field}.file_data.file_uri", $"must be an http or https URL for {provider} (got '{file.FileUri}')");
        }

        return Media(file.MimeType, isModels, $"{field}.file_data", field, uri) ? new MediaPiece(file.MimeType, null, uri) : null;
    }

    private bool Media(string mimeType, bool isModels, string name, string? field, Uri? uri = null)
    {
        if (!isModels && takesMedia(mimeType, uri))
        {
            return true;
        }

        return field is null ? false : throw Refusal.Of($"{name}.mime_type", $"isn't supported by {provider} (got '{mimeType}')");
    }

    private static string? Modifier(Part part) => part switch
    {
        { VideoMetadata: not null } => "video_metadata",
        { MediaResolution: not null } => "media_resolution",
        { PartMetadata: not null } => "part_metadata",
        { SpeechMetadata: not null } => "speech_metadata",
        { Extra.Fields: { Count: > 0 } unknown } => unknown.Keys.First(),
        _ => null,
    };

    private static string Name(Part.DataOneofCase kind) => Part.Descriptor.FindFieldByNumber((int)kind).Name;

    private static string Fence(string language, string text) => $"\n```{language}\n{text}\n```\n";
}
