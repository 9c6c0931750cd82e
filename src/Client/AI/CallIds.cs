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
        var call = messages.SelectMany(m => m.Contents).OfType<FunctionCallContent>().FirstOrDefault(c => c.CallId == result.CallId);
        var (name, id) = Split(result.CallId, call?.Name);
        var response = new FunctionResponse { Name = name, Response = json, ResponseJson = exact };
        if (id is not null)
        {
            response.Id = id;
        }

        return response;
    }

    /// <summary>Returns a call as the model made it.</summary>
    public static FunctionCall Call(FunctionCallContent content)
    {
        var (args, exact) = JsonValues.ToStruct(content.Arguments);
        var call = new FunctionCall { Name = content.Name, Args = args, ArgsJson = exact };
        if (Split(content.CallId, content.Name).Id is { } id)
        {
            call.Id = id;
        }

        return call;
    }

    private static (string Name, string? Id) Split(string callId, string? knownName) =>
        callId.Split(Separator, 2) is [{ Length: > 0 } name, var id] && name == (knownName ?? name)
            ? (name, id.StartsWith(NoId) ? null : id)
            : (knownName ?? callId, callId);
}
