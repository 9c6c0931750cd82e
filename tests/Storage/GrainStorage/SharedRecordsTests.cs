using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.GrainStorage;
using GenAI.Chats.Storage.GrainStorage.Logs;
using GenAI.Chats.Storage.GrainStorage.Pages;
using GenAI.Chats.Storage.GrainStorage.Provider;
using GenAI.Chats.Storage.Records;
using GenAI.Chats.Storage.Tests.Conformance;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.Chats;
using Xunit.Abstractions;

namespace GenAI.Chats.Storage.Tests.GrainStorage;

/// <summary>The records that forks share with their sources: none is cleared that a chat has, and none stays that no chat has.</summary>
public sealed class SharedRecordsTests(ITestOutputHelper output)
{
    private static readonly ManualTimeProvider Time = new();

    [Fact]
    public async Task Fork_OfALongChat_WritesWhatThatOfAShortOneDoes()
    {
        var provider = new MemoryProvider();
        await using var store = await Stores.OpenAsync(provider, Time);
        var chat = await TreeChat.CreateAsync(store, Make.Key());
        await SendAsync(chat, 200);
        var early = await MeasureAsync("early");
        await SendAsync(chat, 1800);
        var late = await MeasureAsync("late");

        Assert.InRange(late.Count(operation => operation.Verb == "write"), 1, early.Count(operation => operation.Verb == "write") + 2);
        Assert.InRange(late.Sum(operation => operation.Bytes), 1, 150_000);
        Assert.DoesNotContain(late, operation => operation is { Verb: "write", Kind: "payload" });

        async Task<List<Operation>> MeasureAsync(string name)
        {
            await store.FinishAsync();
            provider.Log.Clear();
            await chat.ForkAsync(chat.Revision, Make.Key(name));
            await store.FinishAsync();
            return [.. provider.Log];
        }
    }

    [Fact]
    public async Task Records_AfterRandomSteps_BelongToChats()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var provider = new MemoryProvider();
        await using var store = await Stores.OpenAsync(provider, Time, Stores.Small);
        var chats = new List<(TreeChat Chat, List<long> History)>();
        for (var i = 0; i < 300; i++)
        {
            await StepAsync(i);
            await store.FinishAsync();
            Assert.Equal(await ReachableAsync(provider), Stored(provider));
            foreach (var (chat, history) in chats)
            {
                await chat.CheckAsync([.. history]);
            }
        }

        foreach (var (chat, _) in chats)
        {
            await store.DeleteAsync(chat.Key);
        }

        await store.FinishAsync();
        Assert.Empty(Stored(provider));

        async Task StepAsync(int step)
        {
            if (chats.Count == 0)
            {
                chats.Add((await TreeChat.CreateAsync(store, Make.Key($"chat-{step}"), pieces: random.Next(3)), []));
                return;
            }

            var index = random.Next(chats.Count);
            var (chat, history) = chats[index];
            var at = random.Next(history.Count + 1);
            var revision = at == 0 ? 0 : history[at - 1];
            switch (random.Next(20))
            {
                case < 8:
                    history.Add(await chat.SendAsync());
                    break;
                case 8:
                    await chat.FailAsync();
                    break;
                case 9 or 10:
                    history.RemoveRange(at, history.Count - at);
                    history.Add(await chat.SendAsync(after: revision));
                    break;
                case 11:
                    history.RemoveRange(at, history.Count - at);
                    await chat.MoveAsync(revision);
                    break;
                case 12 or 13:
                    history.RemoveRange(at, history.Count - at);
                    await chat.MoveAsync(revision, erase: true);
                    break;
                case < 18 when chats.Count < 8:
                    // Names come back, so that a chat can have records that an earlier one with its name wrote.
                    var free = Enumerable.Range(0, 9).Select(i => Make.Key($"chat-{i}")).Where(key => chats.All(other => other.Chat.Key != key)).ToList();
                    chats.Add((await chat.ForkAsync(revision, free[random.Next(free.Count)]), history[..at]));
                    break;
                default:
                    Assert.True(await store.DeleteAsync(chat.Key));
                    chats.RemoveAt(index);
                    break;
            }
        }
    }

    [Fact]
    public async Task Fork_WhileAnotherServerErasesAndDeletesTheSource_IsWholeOrRefused()
    {
        var provider = new MemoryProvider { Before = static async _ => await Task.Yield() };
        await using var a = await Stores.OpenAsync(provider, Time, Stores.Small);
        await using var b = await Stores.OpenAsync(provider, Time, Stores.Small);
        var forks = 0;
        for (var round = 0; round < 30; round++)
        {
            var chat = await TreeChat.CreateAsync(a, Make.Key("source"));
            await SendAsync(chat, 8);
            var onB = Enumerable.Range(1, 4).Select(i => chat.NewFork(i * 2, Make.Key($"fork-{round}-{i}"))).ToList();
            var forking = onB.Select(step => Task.Run(() => Record.ExceptionAsync(() => b.ApplyAsync(step.Chat.Key, step)))).ToList();
            await chat.MoveAsync(3, erase: true);
            Assert.True(await a.DeleteAsync(chat.Key));
            var results = await Task.WhenAll(forking);
            await a.FinishAsync();
            await b.FinishAsync();
            foreach (var (step, failure) in onB.Zip(results))
            {
                if (failure is not null)
                {
                    Assert.IsType<ChatConflictException>(failure);
                    continue;
                }

                forks++;
                var log = (await b.ReadLogAsync(step.Chat.Key, new LogRange(0, 100, long.MaxValue), default))!;
                Assert.Equal(step.Chat.Revision, log.Turns.Count);
                Assert.All(log.Turns, turn => Assert.Equal(Make.Outcome($"answer {turn.Sequence}"), turn.Outcome));
            }

            foreach (var step in onB)
            {
                await a.DeleteAsync(step.Chat.Key);
            }

            await a.FinishAsync();
            await b.FinishAsync();
            Assert.Empty(Stored(provider));
        }

        output.WriteLine($"{forks} forks");
    }

    [Fact]
    public async Task Fork_ServerIsLostAfterAnyWrite_IsThereWholeOrNot()
    {
        for (var writes = 0; ; writes++)
        {
            var provider = new MemoryProvider();
            var lost = await Stores.OpenAsync(provider, Time, Stores.Small);
            var chat = await TreeChat.CreateAsync(lost, Make.Key("source"));
            await SendAsync(chat, 9);
            await lost.FinishAsync();
            var isThrough = await LoseAsync(provider, lost, writes, () => chat.ForkAsync(5, Make.Key("fork")));

            await using var store = await Stores.OpenAsync(provider, Time, Stores.Small);
            await CheckSourceAsync(store, 9);
            Assert.True(await store.DeleteAsync(Make.Key("source")));
            await store.FinishAsync();
            if (await store.LoadAsync(Make.Key("fork"), default) is not null)
            {
                Assert.Equal(5, (await store.ReadLogAsync(Make.Key("fork"), new LogRange(0, 100, long.MaxValue), default))!.Turns.Count);
                Assert.True(await store.DeleteAsync(Make.Key("fork")));
            }

            if (isThrough)
            {
                await store.FinishAsync();
                Assert.Empty(Stored(provider));
                return;
            }
        }
    }

    [Fact]
    public async Task Erase_ServerIsLostAfterAnyWrite_NextCommitClearsWhatWasErased()
    {
        for (var writes = 0; ; writes++)
        {
            var provider = new MemoryProvider();
            var lost = await Stores.OpenAsync(provider, Time, Stores.Small);
            var chat = await TreeChat.CreateAsync(lost, Make.Key("source"));
            await SendAsync(chat, 9);
            await chat.ForkAsync(5, Make.Key("fork"));
            await lost.FinishAsync();
            var isThrough = await LoseAsync(provider, lost, writes, () => chat.MoveAsync(3, erase: true));

            await using var store = await Stores.OpenAsync(provider, Time, Stores.Small);
            var isErased = (await store.LoadAsync(Make.Key("source"), default))!.Chat.TurnCount == 3;
            await CheckSourceAsync(store, isErased ? 3 : 9);
            Assert.Equal(5, (await store.ReadLogAsync(Make.Key("fork"), new LogRange(0, 100, long.MaxValue), default))!.Turns.Count);
            if (isErased)
            {
                await store.AcceptAsync(Make.Key("source"), Make.Accept(Make.Queued(11)));
                await store.FinishAsync();
                Assert.Equal(await ReachableAsync(provider), Stored(provider));
            }

            if (isThrough)
            {
                return;
            }
        }
    }

    private static async Task CheckSourceAsync(GrainStorageChatStore store, int turns)
    {
        var log = (await store.ReadLogAsync(Make.Key("source"), new LogRange(0, 100, long.MaxValue), default))!;
        Assert.Equal(turns, log.Turns.Count);
        Assert.All(log.Turns, turn => Assert.Equal(Make.Outcome($"answer {turn.Sequence}"), turn.Outcome));
    }

    /// <returns>Whether the server got through.</returns>
    private static async Task<bool> LoseAsync(MemoryProvider provider, GrainStorageChatStore lost, int writes, Func<Task> act)
    {
        var left = writes;
        var isUp = true;
        provider.Before = operation =>
        {
            isUp &= operation.Verb == "read" || Interlocked.Decrement(ref left) >= 0;
            return isUp ? Task.CompletedTask : Task.FromException(new TimeoutException("This server is lost."));
        };
        var failure = await Record.ExceptionAsync(act);
        await lost.FinishAsync();
        provider.Before = static _ => Task.CompletedTask;
        Assert.True(failure is null or ChatStoreException, $"{failure}");
        return isUp;
    }

    private static async Task SendAsync(TreeChat chat, int turns)
    {
        for (var i = 0; i < turns; i++)
        {
            await chat.SendAsync();
        }
    }

    private static SortedSet<string> Stored(MemoryProvider provider) => new(
        provider.Records.Keys.Where(record => record.Kind is RecordName.Page or RecordName.IndexNode or RecordName.Payload).Select(record => $"{record.Kind} {record.Id.Key}"),
        StringComparer.Ordinal);

    private static async Task<SortedSet<string>> ReachableAsync(MemoryProvider provider)
    {
        using var cache = new RecordCache();
        var sealedRecords = new SealedRecords(new RecordStorage(provider), cache);
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (id, (data, _)) in provider.Records.Where(record => record.Key.Kind == "head"))
        {
            if (ChatHead.Parser.ParseFrom(data).Chat is not { } chat)
            {
                continue;
            }

            var key = Make.Key(id.Id.Key.ToString()!.Split('/')[^1]);
            var nodes = new List<(LogRef Node, int Level)>();
            List<LogTurn> turns = [.. chat.Tail];
            await foreach (var page in new LogWalk(sealedRecords).PagesAsync(key, chat.Levels, static _ => true, nodes: nodes))
            {
                Add(LogRefs.NameOf(key, page, 0));
                turns.AddRange(await sealedRecords.ReadPageAsync(key, page));
            }

            nodes.ForEach(node => Add(LogRefs.NameOf(key, node.Node, node.Level)));
            foreach (var name in turns.SelectMany(turn => LogRefs.NamesOf(key, turn)).Concat(LogRefs.NamesOf(key, chat.Config)))
            {
                Add(name);
            }
        }

        return names;

        void Add(RecordName name) => names.Add($"{name.Kind} {name.Key}");
    }
}
