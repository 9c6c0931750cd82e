using GenAI.Chats.V1;
using Microsoft.Extensions.AI;

namespace GenAI.Chats.Client.AI;

/// <summary>
/// IDs of function calls. A function result of Microsoft.Extensions.AI has only its call's ID, but the model needs the function's name, and the ID that it gave
/// the call, if any. So the call's ID is <c>name/id</c>, or <c>name/#position</c> if the model gave none.
/// </summary>
internal static class CallIds
{
    private const char Separator = '/';
    private const char NoId = '#';

    /// <summary>Returns the ID of a call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="position">The call's position in its response.</param>
    public static string Of(FunctionCall call, int position) => call.HasId ? $"{call.Name}{Separator}{call.Id}" : $"{call.Name}{Separator}{NoId}{position}";

    /// <summary>Creates the response to a call.</summary>
    /// <param name="result">The function's result.</param>
    /// <param name="messages">All messages, to look up the call if another client created its ID.</param>
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

    /// <summary>Returns a call as the model made it.</summary>
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
