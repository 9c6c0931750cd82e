using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.V1;

namespace GenAI.Chats.SystemTests.Crash;

/// <summary>Servers of one store over time, and clients that are told which one to ask.</summary>
internal sealed class Scene(TestStore store) : IAsyncDisposable
{
    private readonly List<ServerProcess> _servers = [];
    private TaskCompletionSource<ServerProcess> _current = NewSource();

    /// <summary>The server that clients ask, once there is one.</summary>
    public Task<ServerProcess> Current => Volatile.Read(ref _current).Task;

    public static async Task<Scene> CreateAsync(string provider) => new(await TestStore.CreateAsync(provider));

    public TestStore Store => store;

    /// <summary>Starts a server, of which clients hear only when it is opened to them.</summary>
    public async Task<ServerProcess> StartAsync(params IEnumerable<string> settings)
    {
        var server = await store.StartServerAsync([.. Times.Hasty, .. settings]);
        _servers.Add(server);
        return server;
    }

    /// <summary>Sends clients to a server.</summary>
    public void Open(ServerProcess server)
    {
        if (!_current.TrySetResult(server))
        {
            Volatile.Write(ref _current, NewSource());
            _current.SetResult(server);
        }
    }

    /// <summary>Lets clients wait for the next server.</summary>
    public void Close() => Volatile.Write(ref _current, NewSource());

    /// <summary>Makes a call that asks whatever server is open.</summary>
    public TurnCall Call(CallMode mode, SendMessageRequest request) => new(async () => (await Current).Client, mode, request);

    /// <summary>A send with a text and a request id of its own, answered a word at a time.</summary>
    public static SendMessageRequest Send(string chat, string requestId, int words, int pauseMilliseconds) => new()
    {
        Name = chat,
        RequestId = requestId,
        Text = string.Join(' ', Enumerable.Range(1, words).Select(i => $"{requestId}.{i}")),
        Config = new GenerateContentConfig { Labels = { ["echo-delay-ms"] = $"{pauseMilliseconds}" } },
    };

    public static async Task<string> CreateChatAsync(ServerProcess server) =>
        (await server.Client.CreateChatAsync(new CreateChatRequest { Model = Echo.Model })).Name;

    /// <summary>Waits until no chat has a pending turn, without waking any: a list is read from the store.</summary>
    public static Task<ListChatsResponse> IdleAsync(ServerProcess server) => TimeLimit.UntilAsync(
        async () => await server.Client.ListChatsAsync(new ListChatsRequest { PageSize = 1000 }),
        list => list.Chats.All(c => c.ActiveTurnId.Length == 0 && c.QueuedTurns == 0));

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        await store.DisposeAsync();
    }

    private static TaskCompletionSource<ServerProcess> NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
