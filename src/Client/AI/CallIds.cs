using GenAI.Chats.V1;
using Microsoft.Extensions.AI;

namespace GenAI.Chats.Client.AI;

/// <summary>
/// Ids of function calls. A result of Microsoft.Extensions.AI has its call's id and nothing else, while the model wants the function's name, and its own id where it gave
/// one. So the name travels in the id, <c>name/id</c>; and <c>name/#place</c> where the model gave none.
/// </summary>
internal static class CallIds
{
    private const char Separator = '/';
    private const char NoId = '#';

    /// <summary>The id of a call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="place">Tells it from the others of its response.</param>
    public static string Of(FunctionCall call, int place) => call.HasId ? $"{call.Name}{Separator}{call.Id}" : $"{call.Name}{Separator}{NoId}{place}";

    /// <summary>The response to a call.</summary>
    /// <param name="result">What the function returned.</param>
    /// <param name="messages">The messages around it, which may have the call, where another client made its id.</param>
    public static FunctionResponse Answer(FunctionResultContent result, IReadOnlyList<ChatMessage> messages)
    {
        var (json, exact) = JsonValues.ToResponse(result.Result, result.Exception);
        var response = new FunctionResponse { Response = json, ResponseJson = exact };
        var call = messages.SelectMany(m => m.Contents).OfType<FunctionCallContent>().FirstOrDefault(c => c.CallId == result.CallId);
        Fill(result.CallId, call?.Name, (name, id) =>
        {
            response.Name = name;
            if (id is not null)
            {
                response.Id = id;
            }
        });
        return response;
    }

    /// <summary>A call as the model made it.</summary>
    public static FunctionCall Call(FunctionCallContent content)
    {
        var (args, exact) = JsonValues.ToStruct(content.Arguments);
        var call = new FunctionCall { Name = content.Name, Args = args, ArgsJson = exact };
        Fill(content.CallId, content.Name, (_, id) =>
        {
            if (id is not null)
            {
                call.Id = id;
            }
        });
        return call;
    }

    private static void Fill(string callId, string? knownName, Action<string, string?> take)
    {
        var at = callId.IndexOf(Separator, StringComparison.Ordinal);
        if (at > 0 && (knownName is null || callId.AsSpan(0, at).SequenceEqual(knownName)))
        {
            var id = callId[(at + 1)..];
            take(callId[..at], id.StartsWith(NoId) ? null : id);
        }
        else
        {
            take(knownName ?? callId, callId);
        }
    }
}
