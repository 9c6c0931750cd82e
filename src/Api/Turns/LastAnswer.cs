using GenAI.Chats.Models.Responses;

namespace GenAI.Chats.Api.Turns;

/// <summary>
/// Merges the chunks of a turn's last model response. If the service has run function calls, their responses separate the model's responses.
/// </summary>
internal sealed class LastAnswer
{
    private GenerateContentResponse? _only;
    private ResponseMerger? _merger;
    private bool _hasResponses;

    /// <summary>Adds the next chunk of the turn.</summary>
    public void Add(GenerateContentResponse chunk)
    {
        if (chunk.Candidates is [{ Content: { Role: "user", Parts: [{ FunctionResponse: not null }, ..] } }])
        {
            _hasResponses = true;
            return;
        }

        if (_hasResponses)
        {
            Clear();
        }

        if (_only is null)
        {
            _only = chunk;
            return;
        }

        if (_merger is null)
        {
            _merger = new ResponseMerger();
            _merger.Add(_only);
        }

        _merger.Add(chunk);
    }

    /// <summary>Discards the chunks.</summary>
    public void Clear() => (_only, _merger, _hasResponses) = (null, null, false);

    /// <summary>Returns the merged response.</summary>
    public GenerateContentResponse ToResponse() => _merger?.ToResponse() ?? _only ?? new GenerateContentResponse();
}
