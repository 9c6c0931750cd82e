using System.Text.Json;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.Storage.InMemory;
using GenAI.Chats.Storage.Transfer;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Storage.Tests.Conformance;

/// <content>Chats that move to another store, and back.</content>
public abstract partial class ChatStoreConformance
{
    [Fact]
    public async Task Transfer_ExportWipeImport_BringsEveryByteBack()
    {
        await FillAsync(Store, Clock);
        var before = await ExportAsync(Store);
        await Task.WhenAll(KeysOf(before).Select(Store.DeleteAsync));
        Assert.Empty(KeysOf(await ExportAsync(Store)));

        var counts = await ImportAsync(Store, before);

        AssertSame(before, await ExportAsync(Store));
        Assert.Equal(new TransferCounts(5, 13), counts);
    }

    [Fact]
    public async Task Transfer_ToAnotherStoreAndBack_BringsEveryByteBack()
    {
        await FillAsync(Store, Clock);
        var before = await ExportAsync(Store);
        var other = new InMemoryChatStore(Clock);
        await ImportAsync(other, before);

        var there = await ExportAsync(other);
        await ImportAsync(Store, there, tenant: "moved");

        AssertSame(before, there);
        AssertSame(before, await ExportAsync(Store, "moved"));
        AssertSame(before, await ExportAsync(Store));
    }

    [Fact]
    public async Task Import_OfAChatThatWaits_KeepsItsTurnsAndWhatTheirToolsDid()
    {
        await FillAsync(Store, Clock);
        var export = await ExportAsync(Store);
        await ImportAsync(Store, export, tenant: "moved");

        var chat = (await Store.LoadWholeAsync(Make.Key("waiting", "moved"), CancellationToken.None))!;
        Assert.Equal([TurnState.Queued, TurnState.Queued], chat.Pending.Select(turn => turn.State));
        Assert.Equal((1, null), (chat.Pending[0].Attempt, chat.Pending[0].Owner));
        Assert.Equal([Make.Progress("step 0"), Make.Progress("step 1")], await Store.ReadProgressAsync(Make.Key("waiting", "moved"), 2, CancellationToken.None));
        Assert.Contains(Make.Key("waiting", "moved"), await Store.AbandonedAsync(100));
    }

    [Fact]
    public async Task Import_Again_LeavesAllAsItIs()
    {
        await FillAsync(Store, Clock);
        var export = await ExportAsync(Store);

        var counts = await ImportAsync(Store, export);

        Assert.Equal(new TransferCounts(0, 0, Present: 5), counts);
        AssertSame(export, await ExportAsync(Store));
    }

    [Fact]
    public async Task Import_ThatWasCutOffAnywhere_GoesOnWhereItWas()
    {
        await FillAsync(Store, Clock);
        var export = await ExportAsync(Store);
        for (var lines = 0; lines < export.Count; lines++)
        {
            var tenant = $"cut-{lines}";
            await Assert.ThrowsAsync<TransferException>(() => ImportAsync(Store, [.. export.Take(lines)], tenant));

            await ImportAsync(Store, export, tenant);

            AssertSame(export, await ExportAsync(Store, tenant));
        }
    }

    [Fact]
    public async Task Import_WhereAnotherChatHasTheId_IsRefusedAndLeavesIt()
    {
        await Store.CreateAsync(Make.Create(Key));
        await Store.AcceptAsync(Key, Make.Accept(Make.Ended(1, 1)));
        var export = await ExportAsync(Store);
        await Store.DeleteAsync(Key);
        var other = Make.Create(Key);
        await Store.CreateAsync(other with { Chat = other.Chat with { CreateTime = Make.After(5) } });
        var before = Render.Of(await LoadAsync());

        var refused = await Assert.ThrowsAsync<TransferException>(() => ImportAsync(Store, export));

        Assert.Equal("Line 2: chat 'chat': another chat with this ID exists.", refused.Message);
        Assert.Equal(before, Render.Of(await LoadAsync()));
    }

    [Fact]
    public async Task Import_OfChatsThatHaveExpired_SkipsThemAndCountsThem()
    {
        foreach (var (id, time) in new[] { ("empty", Future), ("turns", Future), ("kept", Future.AddDays(1)) })
        {
            await Store.CreateAsync(Make.Create(Make.Key(id), pieces: id == "empty" ? 0 : 2, settings: Expiring(time)));
            await Store.AcceptAsync(Make.Key(id), Make.Accept(id == "empty" ? Make.Queued(1) : Make.Ended(3, 1)));
        }

        var export = (await ExportAsync(Store)).Select(line => line.Replace(Text(Future), Text(Past), StringComparison.Ordinal)).ToList();
        await Store.CreateAsync(Make.Create(Make.Key("turns", "moved"), settings: Expiring(null)));
        var before = Render.Of(await LoadAsync(Make.Key("turns", "moved")));

        Assert.Equal(new TransferCounts(1, 3, Expired: 2), await ImportAsync(Store, export, "moved"));
        Assert.Equal(new TransferCounts(0, 0, Present: 1, Expired: 2), await ImportAsync(Store, export, "moved"));
        Assert.Equal(["kept", "turns"], KeysOf(await ExportAsync(Store, "moved")).Select(key => key.ChatId).Order());
        Assert.Equal(before, Render.Of(await LoadAsync(Make.Key("turns", "moved"))));

        static string Text(DateTimeOffset time) => time.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Import_OfAChatThatHasExpiredByTheClockOfTheStoreOnly_SkipsIt()
    {
        await Store.CreateAsync(Make.Create(Make.Key("empty"), settings: Expiring(Future)));
        await Store.CreateAsync(Make.Create(Make.Key("turns"), settings: Expiring(Future)));
        await Store.AcceptAsync(Make.Key("turns"), Make.Accept(Make.Ended(1, 1)));
        var export = (await ExportAsync(Store)).Select(line => line.Replace("2201-", "2001-", StringComparison.Ordinal)).ToList();

        var counts = await ImportAsync(Store, export, "moved", new EarlyTime());

        Assert.Equal(new TransferCounts(0, 0, Expired: 2), counts);
        Assert.Empty(KeysOf(await ExportAsync(Store, "moved")));
    }

    [Fact]
    public async Task Import_OfAChatWithATtl_StartsTheTtlAgain()
    {
        await Store.CreateAsync(Make.Create(Key, settings: Lasting(TimeSpan.FromHours(1))));
        await Store.AcceptAsync(Key, Make.Accept(Make.Ended(1, 1)));
        var export = await ExportAsync(Store);

        await ImportAsync(Store, export, "moved");

        Assert.InRange(await ExpireTimeAsync(Moved(Key)) - await ExpireTimeAsync(Key), TimeSpan.Zero, TimeSpan.FromMinutes(30));
    }

    [Fact]
    public async Task Transfer_WithBranches_BringsEveryBranchBack()
    {
        var chats = await AllKindsOfChatsAsync();
        var before = await ExportAsync(Store, withBranches: true);

        await ImportAsync(Store, before, tenant: "moved");

        AssertSame(before, await ExportAsync(Store, "moved", withBranches: true));
        foreach (var chat in chats)
        {
            await AssertSameTurnsAsync(chat.Key, new LogRange(0, 1000, long.MaxValue));
            await AssertSameTurnsAsync(chat.Key, new LogRange(0, 1000, long.MaxValue) { Scope = LogScope.Branches });
            await AssertSameTurnsAsync(chat.Key, new LogRange(0, 1000, long.MaxValue) { Scope = LogScope.Whole });
        }
    }

    [Fact]
    public async Task Transfer_WithoutBranches_BringsTheHistoryBack()
    {
        var chats = await AllKindsOfChatsAsync();
        var before = await ExportAsync(Store);

        await ImportAsync(Store, before, tenant: "moved");

        AssertSame(before, await ExportAsync(Store, "moved"));
        foreach (var chat in chats)
        {
            await AssertSameTurnsAsync(chat.Key, new LogRange(0, 1000, long.MaxValue));
            var moved = (await LoadAsync(Moved(chat.Key))).Chat;
            Assert.Equal(moved.TurnCount, moved.Revision);
            Assert.Equal((await LoadAsync(chat.Key)).Chat.Tree?.ForkedFrom, moved.Tree?.ForkedFrom);
            Assert.True(moved.Tree is null or { Branches.Count: 0, Head: null });
        }
    }

    [Fact]
    public async Task Transfer_WithPendingTurns_KeepsTurnsThatFollowExportedOnes()
    {
        var chat = await SourceAsync();
        await chat.SendAsync(after: 2);
        TurnRecord[] pending = [Make.Queued(10), After(Make.Queued(11), chat, 1), After(Make.Queued(12), chat, 4)];
        foreach (var turn in pending)
        {
            await Store.AcceptAsync(Key, Make.Accept(turn));
        }

        await ImportAsync(Store, await ExportAsync(Store), tenant: "moved");
        await ImportAsync(Store, await ExportAsync(Store, withBranches: true), tenant: "whole");

        var moved = (await LoadAsync(Moved(Key))).Pending;
        Assert.Equal(["turn-10", "turn-11"], moved.Select(turn => turn.TurnId));
        Assert.Equal((2, 1), (moved[1].Input.Parent.Sequence, moved[1].Input.Parent.Revision));
        var whole = (await LoadAsync(Make.Key(tenant: "whole"))).Pending;
        Assert.Equal(Render.Of(pending[2]), Render.Of(whole[2]));
    }

    [Fact]
    public async Task Import_WithBranchesThatWasCutOffAnywhere_GoesOnWhereItWas()
    {
        var chat = await SourceAsync();
        await chat.SendAsync(after: 2);
        await chat.SendAsync();
        await chat.MoveAsync(4);
        await chat.SendAsync();
        var export = await ExportAsync(Store, withBranches: true);
        for (var lines = 2; lines < export.Count; lines++)
        {
            var tenant = $"cut-{lines}";
            await Assert.ThrowsAsync<TransferException>(() => ImportAsync(Store, [.. export.Take(lines)], tenant));

            await ImportAsync(Store, export, tenant);

            AssertSame(export, await ExportAsync(Store, tenant, withBranches: true));
        }
    }

    private static ChatKey Moved(ChatKey key) => Make.Key(key.ChatId, "moved");

    private static TurnRecord After(TurnRecord turn, TreeChat chat, long revision)
    {
        var input = turn.Input.Clone();
        input.Parent = new TurnInput.Types.Parent { Sequence = chat.SequenceOf(revision), Revision = revision };
        return turn with { Input = input };
    }

    private async Task AssertSameTurnsAsync(ChatKey key, LogRange range)
    {
        var turns = (await Store.ReadLogAsync(key, range, CancellationToken.None))!.Turns;
        var moved = (await Store.ReadLogAsync(Moved(key), range, CancellationToken.None))!.Turns;
        Assert.Equal(turns.Select(turn => (turn.TurnId, turn.Outcome, turn.State)), moved.Select(turn => (turn.TurnId, turn.Outcome, turn.State)));
    }

    private static async Task FillAsync(IStorageBackend store, TimeProvider time)
    {
        // Changed in this order, as lists have the newest change first.
        await store.CreateAsync(At(Make.Create(Make.Key("empty")), time, 0));

        var settings = Make.Settings("echo", ("team", "a"), ("env", "b"));
        await store.CreateAsync(At(Make.Create(Make.Key("piece"), pieces: 3, settings: settings), time, 1));

        var many = Make.Key("many");
        await store.CreateAsync(At(Make.Create(many, pieces: 1), time, 2));
        await store.UpdateSettingsAsync(many, 1, Make.Settings("echo-2"), Make.After(3), 0);
        await store.AcceptAsync(many, Make.Accept(Odd(Make.Ended(2, 1)), version: 2));
        await store.AcceptAsync(many, Make.Accept(Make.Queued(3), version: 2));
        await store.EndAsync(many, Make.End(3, attempt: 0, owner: null, revision: 1, recorded: false));
        await store.AcceptAsync(many, Make.Accept(Make.Queued(4, Make.Queued(3).RequestId), version: 2) with { Replaces = Make.Queued(3).TurnId });
        await store.StartAsync(many, Make.Start(4, revision: 1));
        await store.EndAsync(many, Make.End(4, revision: 1));

        var open = Make.Key("open");
        await store.CreateAsync(At(Make.Create(open), time, 4));
        await store.AcceptAsync(open, Make.Accept(Make.Ended(1, 1)));
        var exchange = Make.Accept(Make.Ended(2, 2) with { Curated = false });
        await store.AcceptAsync(open, exchange with { Head = exchange.Head! with { OpenSequence = 2 } });
        await store.AcceptAsync(open, Make.Accept(Make.Ended(3, 0)));

        var waiting = Make.Key("waiting");
        await store.CreateAsync(At(Make.Create(waiting), time, 5000));
        await store.AcceptAsync(waiting, Make.Accept(Make.Ended(1, 1)));
        await store.AcceptAsync(waiting, Make.Accept(Make.Running(2)));
        await store.KeepProgressAsync(waiting, Make.Progress(2, 0));
        await store.KeepProgressAsync(waiting, Make.Progress(2, 1));
        await store.AcceptAsync(waiting, Make.Accept(Make.Queued(3)));
    }

    private static CreateStep At(CreateStep step, TimeProvider time, int second) =>
        step with { Chat = step.Chat with { CreateTime = time.GetUtcNow().AddTicks(second), UpdateTime = Make.After(second) } };

    // What JSON might not bring back as it was.
    private static TurnRecord Odd(TurnRecord turn)
    {
        var deep = Value.ForString("ground");
        for (var i = 0; i < 25; i++)
        {
            deep = i % 2 == 0 ? Value.ForList(deep, Value.ForNull()) : Value.ForStruct(new Struct { Fields = { ["a\0\"\\\u2028😀"] = deep } });
        }

        var part = new Part
        {
            Text = "\0\u0001\u007f\u2028 \ufeff<>&'\"\\/😀",
            Extra = new Struct { Fields = { ["deep"] = deep, ["small"] = Value.ForNumber(5e-324), ["third"] = Value.ForNumber(1.0 / 3), ["null"] = Value.ForNull() } },
            ExtraJson = new ExactJson { Members = { ["small"] = "1e-400", ["third"] = "0.33333333333333333333333" } },
        };
        var blob = new Part { InlineData = new Blob { MimeType = "x/y", Data = ByteString.CopyFrom([.. Enumerable.Range(0, 256).Select(i => (byte)i)]) } };
        return turn with { Input = new TurnInput { Message = new Content { Role = "user", Parts = { part, blob, new Part { Text = "" } } }, Stream = true } };
    }

    private static async Task<IReadOnlyList<string>> ExportAsync(IStorageBackend store, string tenant = "default", bool withBranches = false)
    {
        await using var writer = new StringWriter();
        await new ChatExporter(store, TimeProvider.System).ExportAsync(tenant, writer, withBranches, CancellationToken.None);
        return writer.ToString().TrimEnd('\n').Split('\n');
    }

    private static async Task<TransferCounts> ImportAsync(IStorageBackend store, IReadOnlyList<string> lines, string? tenant = null, TimeProvider? time = null)
    {
        using var importer = new ChatImporter(store, time ?? TimeProvider.System);
        using var reader = new StringReader(string.Join('\n', lines));
        return await importer.ImportAsync(reader, tenant, CancellationToken.None);
    }

    private sealed class EarlyTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Past.AddYears(-1);
    }

    // The header has the tenant and the time.
    private static void AssertSame(IReadOnlyList<string> expected, IReadOnlyList<string> actual) => Assert.Equal(expected.Skip(1), actual.Skip(1));

    private static IEnumerable<ChatKey> KeysOf(IReadOnlyList<string> export) => export
        .Select(line => JsonDocument.Parse(line).RootElement)
        .Where(line => line.TryGetProperty("chat", out _))
        .Select(line => Make.Key(line.GetProperty("chat").GetProperty("chatId").GetString()!));
}
