using GenAI.Chats.TestKit.Azurite;

namespace GenAI.Chats.SystemTests.Crash;

/// <summary>A blob container of its own in Azurite.</summary>
internal sealed class AzureTestStore : TestStore
{
    public const string Provider = "GrainStorage";

    private readonly string _container;
    private readonly string _connectionString;
    private readonly AzuriteGate _gate;

    private AzureTestStore(AzuriteServer azurite, AzuriteGate gate)
    {
        _container = azurite.NewContainer();
        _connectionString = azurite.ConnectionString.Replace(azurite.Address.Authority, gate.Address.Authority, StringComparison.Ordinal);
        _gate = gate;
    }

    public override IReadOnlyList<string> Settings =>
    [
        "--Storage:Provider=" + Provider, "--Storage:ConnectionString=" + _connectionString, "--Storage:Container=" + _container,
    ];

    public override IReadOnlyList<string> ImpatientSettings => [.. Settings, "--Storage:RequestTimeout=00:00:00.5"];

    public static async Task<TestStore> CreateAsync()
    {
        var azurite = await AzuriteServer.SharedAsync();
        return new AzureTestStore(azurite, await AzuriteGate.OpenAsync(azurite.Address));
    }

    public override Task<IAsyncDisposable> HoldCommitsAsync() => Task.FromResult(_gate.Hold());

    public override ValueTask DisposeAsync() => _gate.DisposeAsync();

    // There are no locks that a server could hold.
    protected override Task<bool> IsFreeAsync() => Task.FromResult(true);
}
