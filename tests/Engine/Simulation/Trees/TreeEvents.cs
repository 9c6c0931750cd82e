using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Engine.Tests.Simulation.Trees;

/// <summary>What clients do next, at random: mostly what can be done with the chats as they are.</summary>
internal sealed class TreeEvents(Random random, PlainChats plain, TreeClients clients)
{
    private static readonly string[] ChatIds = ["chat", "fork-1", "fork-2", "fork-3"];

    private int _number;

    public string RandomChat() => ChatIds[random.Next(ChatIds.Length)];

    /// <summary>A client makes a request.</summary>
    public void Next()
    {
        if (plain.Chats.Count == 0 || random.Next(25) == 0)
        {
            Create();
            return;
        }

        var chat = plain.Chats.Values.ElementAt(random.Next(plain.Chats.Count));
        switch (random.Next(32))
        {
            case < 6:
                Send(chat, []);
                break;
            case < 9:
                Send(chat, chat.ResponsesAt(chat.Head));
                break;
            case < 13:
                Edit(chat);
                break;
            case < 15 when RandomTurn(chat) is { } turn:
                Make(chat, Policy(new SendMessageRequest { RegenerateTurnId = turn.TurnId, Model = RandomModel() }));
                break;
            case < 19:
                Rewind(chat);
                break;
            case < 22:
                Fork(chat);
                break;
            case < 24:
                Record(chat);
                break;
            case < 26 when clients.Requests.Count > 0:
                clients.Retry(clients.Requests[random.Next(clients.Requests.Count)]);
                break;
            case 26 when clients.Requests.FindAll(r => r.Message is SendMessageRequest { RegenerateTurnId: "", HasAfterRevision: false }) is { Count: > 0 } sends:
                // The request IDs of one chat say nothing in another.
                var other = sends[random.Next(sends.Count)];
                clients.Make(other with { ChatId = chat.ChatId });
                break;
            case < 28 when chat.Turns.Count > 0:
                clients.Cancel(chat.ChatId, chat.Turns.Keys.ElementAt(random.Next(chat.Turns.Count)));
                break;
            case 28 when random.Next(2) == 0:
                clients.Make(new TreeRequest(chat.ChatId, NewId(), new DeleteChatRequest()));
                break;
            case 28:
                var update = new UpdateChatRequest { Chat = new Chat { Ttl = RandomTtl() }, UpdateMask = new FieldMask { Paths = { "ttl" } } };
                clients.Make(new TreeRequest(chat.ChatId, NewId(), update));
                break;
            default:
                Read(random.Next(10) == 0 ? RandomChat() : chat.ChatId);
                break;
        }
    }

    /// <summary>Reads all that there is, and all that there was.</summary>
    public void ReadAll()
    {
        foreach (var chatId in ChatIds)
        {
            clients.ReadChat(chatId);
            clients.ReadHistory(chatId, curated: false);
            clients.ReadHistory(chatId, curated: true);
            clients.ReadTurns(chatId, allBranches: false);
            clients.ReadTurns(chatId, allBranches: true);
            foreach (var turnId in plain.Turns.Keys.Where(key => key.ChatId == chatId).Select(key => key.TurnId).Union(plain.Find(chatId)?.Turns.Keys ?? (IEnumerable<string>)[]))
            {
                clients.ReadTurn(chatId, turnId);
            }

            foreach (var revision in plain.Find(chatId)?.Tree.Keys ?? (IEnumerable<long>)[])
            {
                clients.ReadBranch(chatId, revision, random.Next(2) == 0);
            }
        }
    }

    /// <summary>Makes all requests again that have changed the chats as they are, on whichever branch. None does anything again.</summary>
    public void RetryAll()
    {
        foreach (var request in clients.Requests)
        {
            if (plain.Find(request.ChatId) is { } chat && chat.Requests.TryGetValue(request.RequestId, out var turn) && turn is not { Revision: 0 })
            {
                clients.Retry(request);
            }
        }
    }

    private void Send(PlainChat chat, Part[] responses)
    {
        var request = Policy(Messages.Send(Messages.User([.. responses, NewText()])));
        request.Model = RandomModel();
        if (random.Next(6) == 0)
        {
            request.ExpectedRevision = chat.Revision;
        }

        Make(chat, request);
    }

    private void Edit(PlainChat chat)
    {
        var revision = RandomTurn(chat)?.Revision ?? 0;
        revision = random.Next(8) == 0 ? random.Next(20) : random.Next(6) == 0 ? 0 : revision;
        var responses = chat.Has(revision) && random.Next(4) > 0 ? chat.ResponsesAt(revision) : [];
        var request = Policy(Messages.Send(Messages.User([.. responses, NewText()])));
        request.AfterRevision = revision;
        request.Model = RandomModel();
        Make(chat, request);
    }

    private void Rewind(PlainChat chat)
    {
        var request = new RewindChatRequest
        {
            Revision = random.Next(10) == 0 ? random.Next(20) : RandomTurn(chat)?.Revision ?? 0,
            OnBusy = random.Next(4) switch { 0 => BusyPolicy.Reject, 1 => BusyPolicy.Interrupt, 2 => BusyPolicy.Rollback, _ => BusyPolicy.Unspecified },
            Erase = random.Next(5) == 0,
            RequestId = NewId(),
        };
        if (random.Next(6) == 0)
        {
            request.ExpectedRevision = chat.Revision;
        }

        clients.Make(new TreeRequest(chat.ChatId, request.RequestId, request));
    }

    private void Fork(PlainChat chat)
    {
        var request = new ForkChatRequest { Name = $"chats/{chat.ChatId}", ChatId = RandomChat(), RequestId = NewId() };
        if (random.Next(3) > 0)
        {
            request.Revision = random.Next(8) == 0 ? random.Next(20) : RandomTurn(chat)?.Revision ?? 0;
        }

        if (random.Next(4) == 0)
        {
            request.Ttl = RandomTtl();
        }

        clients.Make(new TreeRequest(request.ChatId, request.RequestId, request));
    }

    private void Record(PlainChat chat)
    {
        var text = NewText();
        var request = new RecordHistoryRequest { RequestId = NewId(), IsValid = random.Next(4) > 0 };
        Content user = Messages.User(text), model = Messages.Model(new Part { Text = $"r{text.Text}" });
        request.Contents.Add(random.Next(6) switch
        {
            0 => [user],
            1 => [model],
            2 => [user, model, Messages.User(new Part { Text = $"s{text.Text}" }), Messages.Model(new Part { Text = $"t{text.Text}" })],
            3 => [user, Messages.Model(Messages.Call(SimulatedTool.ClientsName, $"k{text.Text}"))],
            4 => [user, Messages.Model(Messages.Call("f")), Messages.User(Messages.Response("f")), model],
            _ => (Content[])[],
        });
        if (request.Contents.Count == 0)
        {
            request.UserInput = user;
            request.ModelOutput.Add(model);
        }

        clients.Make(new TreeRequest(chat.ChatId, request.RequestId, request));
    }

    private void Create()
    {
        var request = new CreateChatRequest
        {
            ChatId = RandomChat(),
            Model = "any",
            Config = TestTool.AskFor(SimulatedTool.Name, SimulatedTool.ClientsName),
            RequestId = NewId(),
            Ttl = RandomTtl(),
        };
        if (random.Next(2) == 0)
        {
            request.History.Add([Messages.User("h0"), Messages.Model("h1")]);
        }

        if (random.Next(3) == 0)
        {
            request.History.Add([Messages.User("h2"), Messages.Model(Messages.Call(SimulatedTool.ClientsName, "h3"))]);
        }

        clients.Make(new TreeRequest(request.ChatId, request.RequestId, request));
    }

    private void Read(string chatId)
    {
        switch (random.Next(6))
        {
            case 0:
                clients.ReadChat(chatId);
                break;
            case 1:
                clients.ReadHistory(chatId, curated: random.Next(2) == 0);
                break;
            case 2 when plain.Find(chatId) is { } chat && RandomTurn(chat) is { } turn:
                clients.ReadBranch(chatId, turn.Revision, curated: random.Next(2) == 0);
                break;
            case 3 when plain.Find(chatId) is { Turns.Count: > 0 } chat:
                clients.ReadTurn(chatId, chat.Turns.Keys.ElementAt(random.Next(chat.Turns.Count)));
                break;
            default:
                clients.ReadTurns(chatId, allBranches: random.Next(2) == 0);
                break;
        }
    }

    private void Make(PlainChat chat, SendMessageRequest request)
    {
        request.RequestId = NewId();
        clients.Make(new TreeRequest(chat.ChatId, request.RequestId, request));
    }

    private SendMessageRequest Policy(SendMessageRequest request)
    {
        request.OnBusy = random.Next(6) switch { 0 => BusyPolicy.Reject, 1 => BusyPolicy.Interrupt, 2 => BusyPolicy.Rollback, _ => BusyPolicy.Enqueue };
        return request;
    }

    private PlainTurn? RandomTurn(PlainChat chat) => chat.Tree.Count == 0 ? null : chat.Tree.Values.ElementAt(random.Next(chat.Tree.Count));

    private string RandomModel() => random.Next(4) == 0 ? $"m{_number}" : "";

    private Duration? RandomTtl() => random.Next(2) == 0 ? null : Duration.FromTimeSpan(TimeSpan.FromSeconds(random.Next(3, 20)));

    private string NewId() => $"request-{++_number}";

    private Part NewText() => new() { Text = $"u{++_number}" };
}
