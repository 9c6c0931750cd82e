using GenAI.Chats.Models.Responses;
using GenAI.Chats.V1;

namespace GenAI.Chats.Api.Turns;

/// <summary>
/// The model's last answer in a turn, as one response of the chunks. Where the service has run function calls, their responses stand between the answers.
/// </summary>
internal sealed class LastAnswer
{
    private GenerateContentResponse? _only;
    private ResponseMerger? _merger;
    private bool _hasResponses;

    /// <summary>Adds the turn's next chunk.</summary>
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

    /// <summary>What came so far is void.</summary>
    public void Clear() => (_only, _merger, _hasResponses) = (null, null, false);

    /// <summary>The answer.</summary>
    public GenerateContentResponse ToResponse() => _merger?.ToResponse() ?? _only ?? new GenerateContentResponse();
}
