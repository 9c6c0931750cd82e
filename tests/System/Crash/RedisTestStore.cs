using GenAI.Chats.TestKit.Redis;

namespace GenAI.Chats.SystemTests.Crash;

/// <summary>A Redis server of its own.</summary>
internal sealed class RedisTestStore : TestStore
{
    public const string Provider = "Redis";

    private readonly RedisServer _redis;

    private RedisTestStore(RedisServer redis) => _redis = redis;

    public override IReadOnlyList<string> Settings =>
    [
        "--Storage:Provider=GrainStorage", "--Storage:GrainStorage=" + Provider, "--Storage:ConnectionString=" + _redis.ConnectionString,
    ];

    public override IReadOnlyList<string> ImpatientSettings => [.. Settings, "--Storage:RequestTimeout=00:00:00.5"];

    // A server has one connection to Redis, on which everything is done in order.
    public override bool IsReadableWhileHeld => false;

    /// <summary>A store on a server of its own, or on one of the test's, which ends with the store.</summary>
    public static async Task<TestStore> CreateAsync(RedisServer? redis = null) => new RedisTestStore(redis ?? await RedisServer.StartNewAsync());

    public override async Task<IAsyncDisposable> HoldCommitsAsync()
    {
        await _redis.HoldWritesAsync();
        return new Hold(_redis);
    }

    public override ValueTask DisposeAsync() => _redis.DisposeAsync();

    // There are no locks that a server could hold.
    protected override Task<bool> IsFreeAsync() => Task.FromResult(true);

    private sealed class Hold(RedisServer redis) : IAsyncDisposable
    {
        private RedisServer? _held = redis;

        public async ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref _held, null) is { } held)
            {
                await held.ResumeWritesAsync();
            }
        }
    }
}
