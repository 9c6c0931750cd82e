using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.GrainStorage;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.Chats;

namespace GenAI.Chats.Storage.Tests.GrainStorage;

/// <summary>What steps and reads cost, however long the log is.</summary>
public sealed class GrainStorageCostTests : IAsyncLifetime
{
    private const int Turns = 3000;

    private readonly MemoryProvider _provider = new();
    private readonly ManualTimeProvider _time = new();
    private GrainStorageChatStore _store = null!;

    private static ChatKey Key => Make.Key();

    public async Task InitializeAsync()
    {
        _store = await Stores.OpenAsync(_provider, _time);
        await _store.HeartbeatAsync(Make.Owner, TimeSpan.FromSeconds(5));
        await _store.CreateAsync(Make.Create(Key));
    }

    public async Task DisposeAsync() => await _store.DisposeAsync();

    [Fact]
    public async Task Turn_InALongLog_CostsWhatItDidInAShortOne()
    {
        await TurnsAsync(1, 300);
        await _store.FinishAsync();
        var early = await MeasureAsync(() => TurnsAsync(301, 600));
        await TurnsAsync(601, Turns - 300);
        var late = await MeasureAsync(() => TurnsAsync(Turns - 299, Turns));

        Assert.DoesNotContain(late, operation => operation.Verb == "read");
        Assert.Equal(600, late.Count(operation => operation is { Verb: "write", Kind: "head" }));
        Assert.InRange(late.Count(operation => operation.Verb == "write"), 600, 640);
        Assert.InRange(late.Sum(operation => (long)operation.Bytes), 0, early.Sum(operation => (long)operation.Bytes) * 1.3);
        Assert.InRange(_provider.Log.Max(operation => operation.Bytes), 1, 100 * 1024);
    }

    [Fact]
    public async Task FindRequest_InALongLog_ReadsBranchesOnceThenOnlyTheHead()
    {
        await TurnsAsync(1, Turns);
        await using var other = await Stores.OpenAsync(_provider, _time);

        var cold = await MeasureAsync(async () => Assert.Null(await other.FindRequestAsync(Key, "nobody's", CancellationToken.None)));
        var warm = await MeasureAsync(async () => Assert.Null(await other.FindRequestAsync(Key, "nobody's either", CancellationToken.None)));
        var found = await MeasureAsync(async () => Assert.Equal(17, (await other.FindRequestAsync(Key, "request-17", CancellationToken.None))?.Sequence));

        Assert.InRange(cold.Count, 2, 2 + (2 * Turns / 512));
        Assert.Equal(["head"], warm.Select(operation => operation.Kind));
        Assert.Equal(["head", "page"], found.Select(operation => operation.Kind));
    }

    [Fact]
    public async Task Accept_LargeMessage_IsWrittenOnceInPartsNextToTheHead()
    {
        var text = new string('x', 1_000_000);

        var done = await MeasureAsync(async () =>
        {
            await _store.AcceptAsync(Key, Make.Accept(Make.Running(1) with { Input = Make.Queued(1, text: text).Input }));
            await _store.EndAsync(Key, Make.End(1));
        });

        Assert.Equal(4, done.Count(operation => operation.Kind == "payload"));
        Assert.InRange(done.Sum(operation => operation.Bytes), text.Length, text.Length + 20_000);
        Assert.Equal(text, (await _store.FindWholeTurnAsync(Key, "turn-1", CancellationToken.None))!.Input.Message.Parts[0].Text);
    }

    [Fact]
    public async Task KeepProgress_ManySteps_DoNotMakeTheHeadGrow()
    {
        await _store.AcceptAsync(Key, Make.Accept(Make.Running(1)));
        for (var place = 0; place < 50; place++)
        {
            await _store.KeepProgressAsync(Key, Make.Progress(1, place) with { Progress = Make.Progress(new string('p', 5000)) });
        }

        await _store.EndAsync(Key, Make.End(1) with { HasProgress = true });
        await _store.FinishAsync();

        Assert.InRange(_provider.Log.Where(operation => operation.Kind == "head").Max(operation => operation.Bytes), 1, 10_000);
        Assert.DoesNotContain(_provider.Records.Keys, record => record.Kind == "payload");
    }

    [Fact]
    public async Task Delete_LongLog_LeavesTheHeadOnly()
    {
        await TurnsAsync(1, 500);
        await _store.AcceptAsync(Key, Make.Accept(Make.Queued(501, text: new string('x', 600_000))));

        await _store.DeleteAsync(Key);
        await _store.FinishAsync();

        var left = _provider.Records.Where(record => record.Key.Kind is not ("servers" or "server-chats" or "owner" or "tenant" or "tenant-chats" or "expiring-tenants")).ToList();
        Assert.Equal("head", Assert.Single(left).Key.Kind);
        Assert.InRange(left[0].Value.Data.Length, 1, 400);
    }

    private async Task TurnsAsync(int first, int last)
    {
        for (var i = first; i <= last; i++)
        {
            await _store.AcceptAsync(Key, Make.Accept(Make.Running(i)));
            await _store.EndAsync(Key, Make.End(i, revision: i - 1));
        }
    }

    private async Task<List<Operation>> MeasureAsync(Func<Task> action)
    {
        _provider.Log.Clear();
        await action();
        return [.. _provider.Log];
    }
}
