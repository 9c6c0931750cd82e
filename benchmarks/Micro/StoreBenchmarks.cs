using BenchmarkDotNet.Attributes;
using GenAI.Chats.Engine.History;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace GenAI.Chats.Micro;

/// <summary>A turn's two commits, from many chats at once.</summary>
public class StoreBenchmarks
{
    private const int Chats = 64;

    private readonly string _directory = Directory.CreateTempSubdirectory("chats-micro-").FullName;
    private readonly long[] _turns = new long[Chats];
    private readonly TurnOutcome _outcome = Samples.Record(Samples.Chunks());
    private ServiceProvider _services = null!;
    private IStorageBackend _store = null!;

    [Params("InMemory", "Sqlite")]
    public string Provider { get; set; } = "";

    [GlobalSetup]
    public async Task SetUp()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Storage:Provider"] = Provider,
            ["Storage:Path"] = Path.Combine(_directory, "chats.db"),
        });
        _services = new ServiceCollection().AddLogging().AddChatStorage(configuration.Build()).BuildServiceProvider();
        _store = _services.GetRequiredService<IStorageBackend>();
        await _store.InitializeAsync(CancellationToken.None);
        var now = DateTimeOffset.UtcNow;
        for (var i = 0; i < Chats; i++)
        {
            var chat = new ChatRecord { Key = Key(i), Settings = new ChatSettings { Model = "echo" }, Version = 1, CreateTime = now, UpdateTime = now };
            await _store.ApplyAsync(chat.Key, new CreateStep(chat, [], long.MaxValue));
            _turns[i] = 0;
        }
    }

    [GlobalCleanup]
    public async Task CleanUp()
    {
        await _services.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Accepted and started, then ended.</summary>
    [Benchmark(OperationsPerInvoke = Chats)]
    public Task Turn() => Task.WhenAll(Enumerable.Range(0, Chats).Select(TurnAsync));

    private static ChatKey Key(int chat) => new("default", $"chat-{chat}");

    private async Task TurnAsync(int chat)
    {
        var now = DateTimeOffset.UtcNow;
        var sequence = ++_turns[chat];
        var turn = new TurnRecord
        {
            Sequence = sequence,
            TurnId = Guid.CreateVersion7().ToString("N"),
            RequestId = Guid.CreateVersion7().ToString("N"),
            RequestHash = new byte[32],
            State = TurnState.Running,
            Attempt = 1,
            Owner = "owner",
            CreateTime = now,
            StartTime = now,
            Input = new TurnInput { Message = Samples.Content(Curation.User, Samples.Text) },
        };
        await _store.ApplyAsync(Key(chat), new AcceptStep { Turn = turn, Version = 1, ExpectedRevision = sequence - 1 });
        await _store.ApplyAsync(Key(chat), new EndStep
        {
            Sequence = sequence,
            TurnId = turn.TurnId,
            Attempt = 1,
            Owner = "owner",
            IsRunning = true,
            State = TurnState.Completed,
            Curated = true,
            Outcome = _outcome,
            EndTime = now,
            Head = new HeadChange(sequence - 1, true, 300, _outcome.Usage, now),
        });
    }
}
