using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.GrainStorage.Provider;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.Chats;

namespace GenAI.Chats.Storage.Tests.GrainStorage;

/// <summary>Records that the provider has lost or spoilt: no try brings them back, and other chats are spared.</summary>
public sealed class DamageTests
{
    private static readonly ManualTimeProvider Time = new();

    public static TheoryData<string, bool> Damages => new()
    {
        { "head", false },
        { RecordName.Page, false },
        { RecordName.Page, true },
        { RecordName.Payload, false },
        { RecordName.Payload, true },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task Read_RecordIsDamagedOrLost_IsNoFailureThatPasses(string kind, bool isLost)
    {
        var provider = new MemoryProvider();
        var key = Make.Key();
        await using (var before = await Stores.OpenAsync(provider, Time, Stores.Small))
        {
            await before.CreateAsync(Make.Create(key, pieces: 6));
            await before.AcceptAsync(key, Make.Accept(Make.Ended(7, revision: 1) with { Input = Make.Queued(7, text: new string('x', 1000)).Input }));
        }

        provider.Overwrite(kind, isLost ? null : [0xFF, 0xFF]);
        await using var store = await Stores.OpenAsync(provider, Time, Stores.Small);

        var failure = await Assert.ThrowsAsync<ChatStoreException>(() => store.ReadLogAsync(key, new LogRange(0, 100, long.MaxValue), CancellationToken.None));
        await store.CreateAsync(Make.Create(Make.Key("other")));

        Assert.Equal(StoreDamage.Record, failure.Damage);
        Assert.NotNull(await store.LoadAsync(Make.Key("other"), CancellationToken.None));
    }
}
