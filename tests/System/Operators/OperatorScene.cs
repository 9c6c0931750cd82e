using System.Text.Json;
using GenAI.Chats.SystemTests.Crash;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.V1;

namespace GenAI.Chats.SystemTests.Operators;

/// <summary>A server with the keys of two tenants and of an operator.</summary>
internal sealed class OperatorScene : IAsyncDisposable
{
    private readonly TestStore _store;
    private readonly ChildProcess _process;
    private readonly ServerProcess _server;

    private OperatorScene(TestStore store, ChildProcess process, ServerProcess server) => (_store, _process, _server) = (store, process, server);

    public TestKey Alpha { get; private init; } = null!;

    public TestKey Beta { get; private init; } = null!;

    public TestKey Operator { get; private init; } = null!;

    public string Address => _server.Address;

    public V1.Chats.ChatsClient Client => _server.Client;

    public static async Task<OperatorScene> StartAsync(string provider)
    {
        var (alpha, beta, @operator) = (new TestKey("alpha"), new TestKey("beta"), new TestKey("operator", isOperator: true));
        var store = await TestStore.CreateAsync(provider);
        var process = ServerProcess.Launch([.. store.Settings, "--Authentication:Schemes=ApiKeys", .. alpha.Settings(0), .. beta.Settings(1), .. @operator.Settings(2)]);
        return new OperatorScene(store, process, await ServerProcess.GreetedAsync(process)) { Alpha = alpha, Beta = beta, Operator = @operator };
    }

    /// <summary>Creates idle chats.</summary>
    public Task CreateAsync(TestKey tenant, int chats) => Parallel.ForAsync(0, chats, async (_, token) => await Client.CreateChatAsync(
        new CreateChatRequest { Model = Echo.Model, Config = new GenerateContentConfig { SystemInstruction = new Content { Parts = { new Part { Text = "secret words" } } } } },
        tenant.Metadata,
        cancellationToken: token));

    /// <summary>Creates a chat with a turn that runs for minutes, and one that waits for it.</summary>
    public async Task<(string ChatId, string[] Turns)> CreateBusyAsync(TestKey tenant)
    {
        var chat = await Client.CreateChatAsync(new CreateChatRequest { Model = Echo.Model }, tenant.Metadata);
        var request = Echo.Slow(chat.Name, pauseMilliseconds: 600_000);
        request.Text = "secret words";
        var turns = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            using var stream = Client.SendMessageStream(request, tenant.Metadata);
            turns.Add((await stream.ResponseHeadersAsync).GetValue("turn-id")!);
        }

        await TimeLimit.UntilAsync(
            async () => await Client.GetTurnAsync(new GetTurnRequest { Name = chat.Name, TurnId = turns[0] }, tenant.Metadata),
            static turn => turn.State is Turn.Types.State.Running);
        return (chat.Name["chats/".Length..], [.. turns]);
    }

    public Task<(int Code, IReadOnlyList<string> Lines, IReadOnlyList<string> Errors)> RunAsync(params string[] arguments) =>
        OperatorProgram.RunAsync(Address, Operator.Key, arguments);

    public Task<IReadOnlyList<string>> LinesAsync(params string[] arguments) => OperatorProgram.LinesAsync(Address, Operator.Key, arguments);

    public Task<IReadOnlyList<(string Chat, JsonElement Json)>> ListAsync(params string[] arguments) => OperatorProgram.ListAsync(Address, Operator.Key, arguments);

    public Task<string> ErrorAsync(int code, params string[] arguments) => OperatorProgram.ErrorAsync(Address, Operator.Key, code, arguments);

    /// <summary>Waits for a line of the server's log.</summary>
    public Task LogAsync(string message) => _process.LineAsync(line => line.Contains(message, StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _store.DisposeAsync();
    }
}
