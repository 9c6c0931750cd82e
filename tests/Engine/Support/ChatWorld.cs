using GenAI.Chats.Engine.Limits;
using GenAI.Chats.Engine.Sessions.State;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Tools;
using GenAI.Chats.Storage.InMemory;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;

namespace GenAI.Chats.Engine.Tests.Support;

/// <summary>A store, a model, a clock that the test moves, and servers that share them.</summary>
internal sealed class ChatWorld
{
    public const string Tenant = "default";
    public const string ChatId = "chat";

    public ChatWorld(ChatsOptions? options = null, LimitsOptions? limits = null)
    {
        Options = options ?? new ChatsOptions();
        Store = new StoreProxy(new InMemoryChatStore(Time));
        Limits = new TestLimits(limits);
        NewQuotas = _ => new UnlimitedQuotas(Limits);
    }

    public static ChatKey Key { get; } = new(Tenant, ChatId);

    public ManualTimeProvider Time { get; } = new();

    public ScriptedModel Model { get; } = new();

    public StoreProxy Store { get; }

    public ChatsOptions Options { get; }

    public TestLimits Limits { get; }

    /// <summary>Creates the tenants' quotas of the servers to come.</summary>
    public Func<ServerState, ITenantQuotas> NewQuotas { get; set; }

    /// <summary>The tools of the servers to come.</summary>
    public List<RegisteredTool> Tools { get; } = [];

    public TestServer NewServer() => new(Store, Model, Time, Options, Tools, Limits, NewQuotas);

    /// <summary>A server, and the chat in a session of it.</summary>
    public async Task<TestSession> NewChatAsync(params Content[] history) => await NewChatAsync(NewServer(), history);

    /// <summary>The chat in a session of a server.</summary>
    public static async Task<TestSession> NewChatAsync(TestServer server, params Content[] history)
    {
        var session = await server.OpenAsync();
        await session.CreateAsync(Creation(history));
        return session;
    }

    public static CreateChatRequest Creation(params Content[] history) => new() { Model = ScriptedModel.Name, History = { history } };

    public async Task<ChatSnapshot> LoadAsync() => (await Store.LoadAsync(Key, CancellationToken.None))!;

    public async Task<TurnRecord> TurnAsync(string turnId) => (await Store.FindTurnAsync(Key, turnId, CancellationToken.None))!;
}
