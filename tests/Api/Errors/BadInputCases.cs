using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace GenAI.Chats.Api.Tests.Errors;

/// <summary>A request that cannot be served, and the answer to it.</summary>
/// <param name="Call">Makes the call, for a chat that is there.</param>
/// <param name="Code">The status.</param>
/// <param name="Field">The field that it names; null: none.</param>
/// <param name="Reason">ErrorInfo's reason.</param>
internal sealed record BadInput(Func<V1.Chats.ChatsClient, string, Task<Failure>> Call, StatusCode Code, string? Field, string Reason);

/// <summary>Requests that cannot be served, method by method.</summary>
internal static class BadInputCases
{
    private static readonly string[] BadFilters =
    [
        "x",
        "labels.a",
        "labels.a = b",
        "labels. = \"b\"",
        "labels.a = \"b",
        "labels.a = \"b\" OR labels.c = \"d\"",
        "labels.a = \"b\" AND ",
        "labels.a=\"b\\",
    ];

    public static IReadOnlyDictionary<string, BadInput> All { get; } = new Dictionary<string, BadInput>(
        [.. Creations(), .. Names(), .. Updates(), .. Lists(), .. Turns(), .. Histories(), .. Records(), .. Branches(), .. Expiry(), .. Watches()]);

    private static IEnumerable<KeyValuePair<string, BadInput>> Creations()
    {
        yield return Create("no model", "model", r => r.Model = "");
        yield return Create("a model that no route takes", "model", r => r.Model = "nobody", "UNKNOWN_MODEL");
        yield return Create("a model with a long name", "model", r => r.Model = "gemini-" + new string('x', 256));
        foreach (var id in (string[])[".a", "a/b", "-", "ö", "a b", "a\n", new string('a', 129)])
        {
            yield return Create($"chat_id {id}", "chat_id", r => r.ChatId = id);
        }

        yield return new("CreateChat: chat_id is taken", new(
            (c, name) => Failure.OfAsync(c.CreateChatAsync(new CreateChatRequest { Model = "echo", ChatId = name["chats/".Length..] })),
            StatusCode.AlreadyExists, "chat_id", "CHAT_EXISTS"));
        yield return Create("a third role", "history[1].role", r => r.History.Add(Notation.Parse(["u[a]", "system[b]"])));
        yield return Create("no role", "history[0].role", r => r.History.Add(Notation.Parse("[a]")));
        yield return Create("many contents", "history", r => r.History.Add(Enumerable.Repeat(Notation.Parse("u[a]"), 10_001)));
        yield return Create("many parts", "history", r => r.History.Add(Enumerable.Repeat(Many(new Part { Text = "a" }, 10_001), 10)));
        yield return Create("many calls", "history", r => r.History.Add(Enumerable.Repeat(Many(Call, 5_001), 2)));
        yield return Create("many responses", "history", r => r.History.Add(Enumerable.Repeat(Many(Response, 5_001), 2)));
        yield return Create("a long display_name", "display_name", r => r.DisplayName = new string('x', 257));
        yield return Create("a label's key", "labels", r => r.Labels.Add("a b", ""));
        yield return Create("a label's empty key", "labels", r => r.Labels.Add("", ""));
        yield return Create("a label's long value", "labels.a", r => r.Labels.Add("a", new string('x', 257)));
        yield return Create("many labels", "labels", r => Enumerable.Range(0, 65).ToList().ForEach(i => r.Labels.Add($"k{i}", "")));
        yield return Create("a long request_id", "request_id", r => r.RequestId = new string('x', 129));
        yield return Create("a control character in request_id", "request_id", r => r.RequestId = "a\0");
    }

    private static IEnumerable<KeyValuePair<string, BadInput>> Names()
    {
        foreach (var name in (string[])["", "x", "chats/", "chats/a/b", "Chats/a", "chats/.."])
        {
            yield return Invalid($"GetChat: name {name}", "name", c => Failure.OfAsync(c.GetChatAsync(new GetChatRequest { Name = name })));
        }

        yield return Invalid(
            "UpdateChat: name", "chat.name", c => Failure.OfAsync(c.UpdateChatAsync(Update(new Chat { Name = "x" }, "labels"))));
        yield return Invalid(
            "DeleteChat: name", "name", c => Failure.OfAsync(c.DeleteChatAsync(new DeleteChatRequest { Name = "x", AllowMissing = true })));
        yield return Invalid(
            "SendMessage: name", "name", c => Failure.OfAsync(c.SendMessageAsync(new SendMessageRequest { Name = "x", Text = "a" })));
        yield return Invalid(
            "SendMessageStream: name",
            "name",
            c => Failure.OfAsync(c.SendMessageStream(new SendMessageRequest { Name = "x", Text = "a" })));
        yield return Invalid("ReadTurn: name", "name", c => Failure.OfAsync(c.ReadTurn(new ReadTurnRequest { Name = "x", TurnId = "a" })));
        yield return Invalid(
            "GetTurn: name", "name", c => Failure.OfAsync(c.GetTurnAsync(new GetTurnRequest { Name = "x", TurnId = "a" })));
        yield return Invalid(
            "CancelTurn: name", "name", c => Failure.OfAsync(c.CancelTurnAsync(new CancelTurnRequest { Name = "x", TurnId = "a" })));
        yield return Invalid("GetHistory: name", "name", c => Failure.OfAsync(c.GetHistoryAsync(new GetHistoryRequest { Name = "x" })));
        yield return Invalid("RecordHistory: name", "name", c => Failure.OfAsync(c.RecordHistoryAsync(Record("x"))));

        const string nobody = "chats/nobody";
        yield return Missing("GetChat", c => Failure.OfAsync(c.GetChatAsync(new GetChatRequest { Name = nobody })));
        yield return Missing("UpdateChat", c => Failure.OfAsync(c.UpdateChatAsync(Update(new Chat { Name = nobody }, "labels"))));
        yield return Missing("DeleteChat", c => Failure.OfAsync(c.DeleteChatAsync(new DeleteChatRequest { Name = nobody })));
        yield return Missing("SendMessage", c => Failure.OfAsync(c.SendMessageAsync(new SendMessageRequest { Name = nobody, Text = "a" })));
        yield return Missing(
            "SendMessageStream", c => Failure.OfAsync(c.SendMessageStream(new SendMessageRequest { Name = nobody, Text = "a" })));
        yield return Missing("ReadTurn", c => Failure.OfAsync(c.ReadTurn(new ReadTurnRequest { Name = nobody, TurnId = "a" })));
        yield return Missing("GetTurn", c => Failure.OfAsync(c.GetTurnAsync(new GetTurnRequest { Name = nobody, TurnId = "a" })));
        yield return Missing("CancelTurn", c => Failure.OfAsync(c.CancelTurnAsync(new CancelTurnRequest { Name = nobody, TurnId = "a" })));
        yield return Missing("GetHistory", c => Failure.OfAsync(c.GetHistoryAsync(new GetHistoryRequest { Name = nobody })));
        yield return Missing("RecordHistory", c => Failure.OfAsync(c.RecordHistoryAsync(Record(nobody))));
    }

    private static IEnumerable<KeyValuePair<string, BadInput>> Updates()
    {
        yield return Invalid("UpdateChat: no chat", "chat", c => Failure.OfAsync(c.UpdateChatAsync(new UpdateChatRequest())));
        yield return OfChat(
            "UpdateChat: no mask", "update_mask", (c, n) => c.UpdateChatAsync(new UpdateChatRequest { Chat = new Chat { Name = n } }));
        yield return OfChat("UpdateChat: an empty mask", "update_mask", (c, n) => c.UpdateChatAsync(Update(new Chat { Name = n })));
        foreach (var path in (string[])["revision", "name", "config.seed", "displayName", "*", ""])
        {
            yield return OfChat(
                $"UpdateChat: mask {path}", "update_mask", (c, n) => c.UpdateChatAsync(Update(new Chat { Name = n }, "labels", path)));
        }

        yield return OfChat("UpdateChat: no model", "chat.model", (c, n) => c.UpdateChatAsync(Update(new Chat { Name = n }, "model")));
        yield return OfChat(
            "UpdateChat: unknown model",
            "chat.model",
            (c, n) => c.UpdateChatAsync(Update(new Chat { Name = n, Model = "nobody" }, "model")),
            "UNKNOWN_MODEL");
        yield return OfChat(
            "UpdateChat: a long display_name",
            "chat.display_name",
            (c, n) => c.UpdateChatAsync(Update(new Chat { Name = n, DisplayName = new string('x', 257) }, "display_name")));
        yield return OfChat(
            "UpdateChat: a label's key",
            "chat.labels",
            (c, n) => c.UpdateChatAsync(Update(new Chat { Name = n, Labels = { ["a b"] = "" } }, "labels")));
    }

    private static IEnumerable<KeyValuePair<string, BadInput>> Lists()
    {
        yield return Invalid(
            "ListChats: page_size", "page_size", c => Failure.OfAsync(c.ListChatsAsync(new ListChatsRequest { PageSize = -1 })));
        foreach (var token in (string[])["x", "!", "AAAAAAAAAAAAAAAA"])
        {
            yield return Invalid(
                $"ListChats: page_token {token}",
                "page_token",
                c => Failure.OfAsync(c.ListChatsAsync(new ListChatsRequest { PageToken = token })),
                "INVALID_PAGE_TOKEN");
        }

        foreach (var filter in BadFilters)
        {
            yield return Invalid(
                $"ListChats: filter {filter}",
                "filter",
                c => Failure.OfAsync(c.ListChatsAsync(new ListChatsRequest { Filter = filter })),
                "INVALID_FILTER");
        }
    }

    private static IEnumerable<KeyValuePair<string, BadInput>> Turns()
    {
        yield return OfChat(
            "SendMessage: many parts", "message", (c, n) => c.SendMessageAsync(new SendMessageRequest { Name = n, Message = Many(new Part { Text = "a" }, 100_001) }));
        yield return OfChat(
            "SendMessage: many responses", "message", (c, n) => c.SendMessageAsync(new SendMessageRequest { Name = n, Message = Many(Response, 10_001) }));
        yield return OfChat(
            "SendMessage: too many messages to parse",
            $"message.parts[{999_998}]",
            (c, n) => c.SendMessageAsync(new SendMessageRequest { Name = n, Message = Many(new Part(), 1_000_000) }));
        yield return OfChat("ReadTurn: no turn_id", "turn_id", (c, n) => c.ReadTurn(new ReadTurnRequest { Name = n }));
        yield return OfChat(
            "ReadTurn: a long turn_id", "turn_id", (c, n) => c.ReadTurn(new ReadTurnRequest { Name = n, TurnId = new string('x', 65) }));
        yield return OfChat(
            "ReadTurn: after_offset",
            "after_offset",
            (c, n) => c.ReadTurn(new ReadTurnRequest { Name = n, TurnId = "a", AfterOffset = -1 }));
        yield return OfChat("GetTurn: no turn_id", "turn_id", (c, n) => c.GetTurnAsync(new GetTurnRequest { Name = n }));
        yield return OfChat("GetTurn: both IDs", "turn_id", (c, n) => c.GetTurnAsync(new GetTurnRequest { Name = n, TurnId = "a", TurnRequestId = "b" }));
        yield return OfChat(
            "GetTurn: a long turn_request_id", "turn_request_id", (c, n) => c.GetTurnAsync(new GetTurnRequest { Name = n, TurnRequestId = new string('x', 129) }));
        yield return OfChat("CancelTurn: no turn_id", "turn_id", (c, n) => c.CancelTurnAsync(new CancelTurnRequest { Name = n }));
        yield return MissingTurn("ReadTurn", (c, n) => Failure.OfAsync(c.ReadTurn(new ReadTurnRequest { Name = n, TurnId = "nobody" })));
        yield return MissingTurn("GetTurn", (c, n) => Failure.OfAsync(c.GetTurnAsync(new GetTurnRequest { Name = n, TurnId = "nobody" })));
        yield return MissingTurn("GetTurn of a request", (c, n) => Failure.OfAsync(c.GetTurnAsync(new GetTurnRequest { Name = n, TurnRequestId = "nobody" })));
        yield return MissingTurn(
            "CancelTurn", (c, n) => Failure.OfAsync(c.CancelTurnAsync(new CancelTurnRequest { Name = n, TurnId = "nobody" })));
    }

    private static IEnumerable<KeyValuePair<string, BadInput>> Histories()
    {
        yield return OfChat(
            "GetHistory: page_size", "page_size", (c, n) => c.GetHistoryAsync(new GetHistoryRequest { Name = n, PageSize = -1 }));
        yield return OfChat(
            "GetHistory: page_token",
            "page_token",
            (c, n) => c.GetHistoryAsync(new GetHistoryRequest { Name = n, PageToken = "x" }),
            "INVALID_PAGE_TOKEN");
    }

    private static IEnumerable<KeyValuePair<string, BadInput>> Records()
    {
        yield return OfChat(
            "RecordHistory: no user_input", "user_input", (c, n) => c.RecordHistoryAsync(new RecordHistoryRequest { Name = n }));
        yield return OfChat(
            "RecordHistory: the model's user_input",
            "user_input.role",
            (c, n) => c.RecordHistoryAsync(Record(n, r => r.UserInput.Role = "model")));
        yield return OfChat(
            "RecordHistory: a part without data",
            "user_input.parts[1]",
            (c, n) => c.RecordHistoryAsync(Record(n, r => r.UserInput.Parts.Add(new Part()))));
        yield return OfChat(
            "RecordHistory: a third role",
            "model_output[1].role",
            (c, n) => c.RecordHistoryAsync(Record(n, r => r.ModelOutput.Add(Notation.Parse(["m[a]", "tool[b]"])))));
        yield return OfChat(
            "RecordHistory: many contents",
            "model_output",
            (c, n) => c.RecordHistoryAsync(Record(n, r => r.ModelOutput.Add(Enumerable.Repeat(Notation.Parse("m[a]"), 10_001)))));
        yield return OfChat(
            "RecordHistory: many calls", "model_output", (c, n) => c.RecordHistoryAsync(Record(n, r => r.ModelOutput.Add(Many(Call, 10_001)))));
        yield return OfChat(
            "RecordHistory: many responses", "user_input", (c, n) => c.RecordHistoryAsync(Record(n, r => r.UserInput = Many(Response, 10_001))));
        yield return OfChat(
            "RecordHistory: request_id", "request_id", (c, n) => c.RecordHistoryAsync(Record(n, r => r.RequestId = new string('x', 129))));
        yield return OfChat(
            "RecordHistory: expected_revision",
            "expected_revision",
            (c, n) => c.RecordHistoryAsync(Record(n, r => r.ExpectedRevision = -1)));
    }

    private static IEnumerable<KeyValuePair<string, BadInput>> Branches()
    {
        yield return OfChat("SendMessage: after_revision", "after_revision", (c, n) => c.SendMessageAsync(new SendMessageRequest { Name = n, Text = "a", AfterRevision = -1 }));
        yield return NoRevision("SendMessage", "after_revision", (c, n) => Failure.OfAsync(c.SendMessageAsync(new SendMessageRequest { Name = n, Text = "a", AfterRevision = 7 })));
        yield return OfChat(
            "SendMessage: after_revision with regenerate_turn_id",
            "after_revision",
            (c, n) => c.SendMessageAsync(new SendMessageRequest { Name = n, RegenerateTurnId = "a", AfterRevision = 0 }));
        yield return OfChat(
            "SendMessage: a long regenerate_turn_id",
            "regenerate_turn_id",
            (c, n) => c.SendMessageAsync(new SendMessageRequest { Name = n, RegenerateTurnId = new string('x', 65) }));
        yield return OfChat(
            "SendMessage: a model that no route takes",
            "model",
            (c, n) => c.SendMessageAsync(new SendMessageRequest { Name = n, Text = "a", Model = "nobody" }),
            "UNKNOWN_MODEL");
        yield return MissingTurn("SendMessage", (c, n) => Failure.OfAsync(c.SendMessageAsync(new SendMessageRequest { Name = n, RegenerateTurnId = "nobody" })));
        yield return OfChat("GetHistory: revision", "revision", (c, n) => c.GetHistoryAsync(new GetHistoryRequest { Name = n, Revision = -1 }));
        yield return NoRevision("GetHistory", "revision", (c, n) => Failure.OfAsync(c.GetHistoryAsync(new GetHistoryRequest { Name = n, Revision = 7 })));
        yield return OfChat("ListTurns: page_size", "page_size", (c, n) => c.ListTurnsAsync(new ListTurnsRequest { Name = n, PageSize = -1 }));
        yield return OfChat("ListTurns: view", "view", (c, n) => c.ListTurnsAsync(new ListTurnsRequest { Name = n, View = (TurnView)9 }));
        yield return OfChat(
            "ListTurns: page_token", "page_token", (c, n) => c.ListTurnsAsync(new ListTurnsRequest { Name = n, PageToken = "x" }), "INVALID_PAGE_TOKEN");
        yield return OfChat(
            "ListTurns: revision with all_branches", "revision", (c, n) => c.ListTurnsAsync(new ListTurnsRequest { Name = n, Revision = 0, AllBranches = true }));
        yield return OfChat(
            "ListTurns: include_unrecorded without all_branches",
            "include_unrecorded",
            (c, n) => c.ListTurnsAsync(new ListTurnsRequest { Name = n, IncludeUnrecorded = true }));
        yield return NoRevision("ListTurns", "revision", (c, n) => Failure.OfAsync(c.ListTurnsAsync(new ListTurnsRequest { Name = n, Revision = 7 })));
        yield return OfChat("RewindChat: revision", "revision", (c, n) => c.RewindChatAsync(new RewindChatRequest { Name = n, Revision = -1 }));
        yield return OfChat(
            "RewindChat: expected_revision", "expected_revision", (c, n) => c.RewindChatAsync(new RewindChatRequest { Name = n, ExpectedRevision = -1 }));
        yield return OfChat("RewindChat: request_id", "request_id", (c, n) => c.RewindChatAsync(new RewindChatRequest { Name = n, RequestId = "a\0" }));
        yield return OfChat("RewindChat: on_busy", "on_busy", (c, n) => c.RewindChatAsync(new RewindChatRequest { Name = n, OnBusy = BusyPolicy.Enqueue }));
        yield return OfChat("RewindChat: unknown on_busy", "on_busy", (c, n) => c.RewindChatAsync(new RewindChatRequest { Name = n, OnBusy = (BusyPolicy)9 }));
        yield return NoRevision("RewindChat", "revision", (c, n) => Failure.OfAsync(c.RewindChatAsync(new RewindChatRequest { Name = n, Revision = 7 })));
        yield return OfChat("ForkChat: revision", "revision", (c, n) => c.ForkChatAsync(new ForkChatRequest { Name = n, Revision = -1 }));
        yield return NoRevision("ForkChat", "revision", (c, n) => Failure.OfAsync(c.ForkChatAsync(new ForkChatRequest { Name = n, Revision = 7 })));
        yield return OfChat("ForkChat: chat_id", "chat_id", (c, n) => c.ForkChatAsync(new ForkChatRequest { Name = n, ChatId = "a/b" }));
        yield return OfChat("ForkChat: labels", "labels", (c, n) => c.ForkChatAsync(new ForkChatRequest { Name = n, Labels = { ["a b"] = "" } }));
        yield return OfChat(
            "ForkChat: a model that no route takes", "model", (c, n) => c.ForkChatAsync(new ForkChatRequest { Name = n, Model = "nobody" }), "UNKNOWN_MODEL");
        yield return new("ForkChat: chat_id is taken", new(
            (c, n) => Failure.OfAsync(c.ForkChatAsync(new ForkChatRequest { Name = n, ChatId = n["chats/".Length..] })),
            StatusCode.AlreadyExists, "chat_id", "CHAT_EXISTS"));
        yield return OfChat(
            "RecordHistory: contents with user_input",
            "contents",
            (c, n) => c.RecordHistoryAsync(Record(n, r => r.Contents.Add(Notation.Parse("u[a]")))));
        yield return OfChat(
            "RecordHistory: a third role in contents",
            "contents[0].role",
            (c, n) => c.RecordHistoryAsync(new RecordHistoryRequest { Name = n, Contents = { Notation.Parse("tool[a]") } }));

        const string nobody = "chats/nobody";
        yield return Missing("ListTurns", c => Failure.OfAsync(c.ListTurnsAsync(new ListTurnsRequest { Name = nobody })));
        yield return Missing("RewindChat", c => Failure.OfAsync(c.RewindChatAsync(new RewindChatRequest { Name = nobody })));
        yield return Missing("ForkChat", c => Failure.OfAsync(c.ForkChatAsync(new ForkChatRequest { Name = nobody })));
    }

    private static IEnumerable<KeyValuePair<string, BadInput>> Expiry()
    {
        var past = Timestamp.FromDateTime(DateTime.UtcNow.AddMinutes(-1));
        var future = Timestamp.FromDateTime(DateTime.UtcNow.AddHours(1));
        foreach (var (name, ttl) in ((string, Duration)[])[("0", new()), ("negative", new() { Seconds = -1 }), ("malformed", new() { Seconds = 1, Nanos = -1 }), ("endless", new() { Seconds = long.MaxValue })])
        {
            yield return Create($"ttl {name}", "ttl", r => r.Ttl = ttl);
            yield return OfChat($"UpdateChat: ttl {name}", "chat.ttl", (c, n) => c.UpdateChatAsync(Update(new Chat { Name = n, Ttl = ttl }, "ttl")));
            yield return OfChat($"ForkChat: ttl {name}", "ttl", (c, n) => c.ForkChatAsync(new ForkChatRequest { Name = n, Ttl = ttl }));
        }

        yield return Create("expire_time in the past", "expire_time", r => r.ExpireTime = past);
        yield return Create("malformed expire_time", "expire_time", r => r.ExpireTime = new Timestamp { Seconds = long.MaxValue });
        yield return Create("ttl with expire_time", "expire_time", r => (r.Ttl, r.ExpireTime) = (new Duration { Seconds = 1 }, future));
        yield return OfChat(
            "UpdateChat: expire_time in the past",
            "chat.expire_time",
            (c, n) => c.UpdateChatAsync(Update(new Chat { Name = n, ExpireTime = past }, "expire_time")));
        yield return OfChat(
            "UpdateChat: ttl with expire_time",
            "chat.expire_time",
            (c, n) => c.UpdateChatAsync(Update(new Chat { Name = n, Ttl = new Duration { Seconds = 1 }, ExpireTime = future }, "ttl", "expire_time")));
    }

    private static IEnumerable<KeyValuePair<string, BadInput>> Watches()
    {
        yield return Invalid("WatchChat: name", "name", c => Failure.OfAsync(c.WatchChat(new WatchChatRequest { Name = "x" })));
        yield return Missing("WatchChat", c => Failure.OfAsync(c.WatchChat(new WatchChatRequest { Name = "chats/nobody" })));
        yield return new("WatchChat: detail", new(
            (c, n) => Failure.OfAsync(c.WatchChat(new WatchChatRequest { Name = n, Detail = (WatchChatRequest.Types.Detail)9 })),
            StatusCode.InvalidArgument,
            "detail",
            "INVALID_FIELD"));
        foreach (var token in (string[])["x", "!", "AAAAAAAAAAAAAAAA", new string('A', 1_000_000)])
        {
            yield return new($"WatchChat: token {token[..Math.Min(token.Length, 20)]}", new(
                (c, n) => Failure.OfAsync(c.WatchChat(new WatchChatRequest { Name = n, Token = token })),
                StatusCode.InvalidArgument,
                "token",
                "INVALID_WATCH_TOKEN"));
        }
    }

    private static Part Call => new() { FunctionCall = new FunctionCall { Name = "f" } };

    private static Part Response => new() { FunctionResponse = new FunctionResponse { Name = "f" } };

    private static Content Many(Part part, int count) => new() { Role = part.FunctionCall is null ? "user" : "model", Parts = { Enumerable.Repeat(part, count) } };

    private static KeyValuePair<string, BadInput> Create(
        string name, string field, Action<CreateChatRequest> spoil, string reason = "INVALID_FIELD") =>
        Invalid($"CreateChat: {name}", field, c =>
        {
            var request = new CreateChatRequest { Model = "echo" };
            spoil(request);
            return Failure.OfAsync(c.CreateChatAsync(request));
        }, reason);

    private static KeyValuePair<string, BadInput> Invalid(
        string name, string field, Func<V1.Chats.ChatsClient, Task<Failure>> call, string reason = "INVALID_FIELD") =>
        new(name, new((c, _) => call(c), StatusCode.InvalidArgument, field, reason));

    private static KeyValuePair<string, BadInput> OfChat<T>(
        string name, string field, Func<V1.Chats.ChatsClient, string, AsyncUnaryCall<T>> call, string reason = "INVALID_FIELD") =>
        new(name, new((c, n) => Failure.OfAsync(call(c, n)), StatusCode.InvalidArgument, field, reason));

    private static KeyValuePair<string, BadInput> OfChat(
        string name, string field, Func<V1.Chats.ChatsClient, string, AsyncServerStreamingCall<TurnEvent>> call) =>
        new(name, new((c, n) => Failure.OfAsync(call(c, n)), StatusCode.InvalidArgument, field, "INVALID_FIELD"));

    private static KeyValuePair<string, BadInput> Missing(
        string method,
        Func<V1.Chats.ChatsClient, Task<Failure>> call,
        StatusCode code = StatusCode.NotFound,
        string reason = "CHAT_NOT_FOUND") =>
        new($"{method}: {reason}", new((c, _) => call(c), code, null, reason));

    private static KeyValuePair<string, BadInput> MissingTurn(string method, Func<V1.Chats.ChatsClient, string, Task<Failure>> call) =>
        new($"{method}: unknown turn", new(call, StatusCode.NotFound, null, "TURN_NOT_FOUND"));

    private static KeyValuePair<string, BadInput> NoRevision(string method, string field, Func<V1.Chats.ChatsClient, string, Task<Failure>> call) =>
        new($"{method}: unknown revision", new(call, StatusCode.NotFound, field, "REVISION_NOT_FOUND"));

    private static UpdateChatRequest Update(Chat chat, params string[] paths) =>
        new() { Chat = chat, UpdateMask = new FieldMask { Paths = { paths } } };

    private static RecordHistoryRequest Record(string name, Action<RecordHistoryRequest>? spoil = null)
    {
        var request = new RecordHistoryRequest { Name = name, UserInput = Notation.Parse("u[a]") };
        spoil?.Invoke(request);
        return request;
    }
}
