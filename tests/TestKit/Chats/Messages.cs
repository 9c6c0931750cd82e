using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.TestKit.Chats;

/// <summary>Contents, responses and requests in few words.</summary>
internal static class Messages
{
    public static Content User(string text) => Text("user", text);

    public static Content Model(string text) => Text("model", text);

    public static Content Empty(string role) => new() { Role = role };

    public static Content Text(string role, string text) => new() { Role = role, Parts = { new Part { Text = text } } };

    /// <summary>A response with one text part; the last of a stream when it has a finish reason.</summary>
    public static GenerateContentResponse Chunk(string text, string finish = "") =>
        Response(new Candidate { Content = Model(text), FinishReason = finish });

    /// <summary>A response with one candidate.</summary>
    public static GenerateContentResponse Response(Candidate candidate) => new() { Candidates = { candidate } };

    /// <summary>A response whose candidate has these parts.</summary>
    public static GenerateContentResponse Parts(string finish, params Part[] parts)
    {
        var content = new Content { Role = "model" };
        content.Parts.Add(parts);
        return Response(new Candidate { Content = content, FinishReason = finish });
    }

    public static SendMessageRequest Send(
        string text, string requestId = "", BusyPolicy onBusy = BusyPolicy.Unspecified, long? expectedRevision = null)
    {
        var request = new SendMessageRequest { Text = text, RequestId = requestId, OnBusy = onBusy };
        if (expectedRevision is { } revision)
        {
            request.ExpectedRevision = revision;
        }

        return request;
    }

    public static RecordHistoryRequest Record(string user, string? model, string requestId = "", bool isValid = true)
    {
        var request = new RecordHistoryRequest { UserInput = User(user), IsValid = isValid, RequestId = requestId };
        if (model is not null)
        {
            request.ModelOutput.Add(Model(model));
        }

        return request;
    }

    /// <summary>A call of a function.</summary>
    public static Part Call(string name, string? id = null)
    {
        var call = new FunctionCall { Name = name };
        if (id is not null)
        {
            call.Id = id;
        }

        return new Part { FunctionCall = call };
    }

    /// <summary>What a function returned.</summary>
    public static Part Response(string name, string? id = null)
    {
        var response = new FunctionResponse { Name = name, Response = new Struct { Fields = { ["output"] = Value.ForString(name) } } };
        if (id is not null)
        {
            response.Id = id;
        }

        return new Part { FunctionResponse = response };
    }

    /// <summary>A content of the user with these parts.</summary>
    public static Content User(params Part[] parts) => new() { Role = "user", Parts = { parts } };

    /// <summary>A content of the model with these parts.</summary>
    public static Content Model(params Part[] parts) => new() { Role = "model", Parts = { parts } };

    public static SendMessageRequest Send(Content message, string requestId = "", BusyPolicy onBusy = BusyPolicy.Unspecified) =>
        new() { Message = message, RequestId = requestId, OnBusy = onBusy };

    /// <summary>
    /// The texts of contents, each behind the first letter of its role: <c>u:hello m:hi</c>. A call is <c>f?</c>, a response <c>f!</c>, an id stands
    /// behind them. An empty content is its role alone.
    /// </summary>
    public static string Line(IEnumerable<Content> contents) =>
        string.Join(' ', contents.Select(c => $"{c.Role[..1]}{(c.Parts.Count > 0 ? ":" : "")}{string.Concat(c.Parts.Select(Text))}"));

    /// <summary>A part as <see cref="Line(IEnumerable{Content})"/> writes it.</summary>
    public static string Text(Part part) => part.DataCase switch
    {
        Part.DataOneofCase.FunctionCall => $"{part.FunctionCall.Name}?{part.FunctionCall.Id}",
        Part.DataOneofCase.FunctionResponse => $"{part.FunctionResponse.Name}!{part.FunctionResponse.Id}",
        _ => part.Text,
    };

    /// <summary>A turn's events in few words: <c>started hel lo ended</c>.</summary>
    public static string Line(IEnumerable<TurnEvent> events) => string.Join(' ', events.Select(e => e.EventCase switch
    {
        TurnEvent.EventOneofCase.Chunk => string.Concat(e.Chunk.Candidates[0].Content.Parts.Select(Text)),
        _ => e.EventCase.ToString().ToLowerInvariant(),
    }));
}
