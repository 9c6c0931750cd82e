using System.Diagnostics;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.Sqlite;
using GenAI.Chats.Storage.Sqlite.Connections;
using GenAI.Chats.TestKit.Chats;
using Microsoft.Extensions.Logging.Abstractions;

namespace GenAI.Chats.Storage.Tests.Sqlite;

/// <summary>The writer's queue: each step gives its place back, however it ends. If the writer is idle, brief steps don't wait in it.</summary>
public sealed class SqliteWriterTests : IDisposable
{
    private const int Places = 4;

    private readonly SqliteFile _file = new();

    [Fact]
    public async Task Run_StepsFailWhileOthersCome_EachGivesItsPlaceBack()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_file.Path)!);
        var trace = new SqliteTrace();
        await using var writer = new SqliteWriter(
            new SqliteConnections(_file.Path, TimeSpan.FromMinutes(1), trace.Attach), NullLogger.Instance, TimeProvider.System, maxQueued: Places);
        for (var round = 0; round < Places; round++)
        {
            await FailInABatchAsync(writer).WaitAsync(Patience.Limit);
        }

        // As many as there are places wait together, so that one commit serves them all.
        var before = trace.Commits;
        using var all = new ManualResetEventSlim();
        List<Task<bool>> steps = [writer.RunAsync(0, _ => all.Wait(Patience.Limit))];
        steps.AddRange(Enumerable.Range(1, Places - 1).Select(_ => writer.RunAsync(0, _ => true)));
        all.Set();
        await Task.WhenAll(steps).WaitAsync(Patience.Limit);
        Assert.Equal(before + 1, trace.Commits);
    }

    [Fact]
    public async Task RunFirst_OthersWaitAndNoPlaceIsFree_IsNextButOne()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_file.Path)!);
        await using var writer = new SqliteWriter(
            new SqliteConnections(_file.Path, TimeSpan.FromMinutes(1)), NullLogger.Instance, TimeProvider.System, maxQueued: 2);
        using var all = new ManualResetEventSlim();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var order = new List<string>();
        List<Task<bool>> steps =
        [
            writer.RunAsync(0, _ =>
            {
                begun.SetResult();
                return Done("running", all.Wait(Patience.Limit));
            }),
        ];
        await begun.Task.WaitAsync(Patience.Limit);
        steps.AddRange(Enumerable.Range(0, 2 * Places).Select(_ => writer.RunAsync(0, _ => Done("waiting"))));
        steps.Add(writer.RunFirstAsync(_ => Done("first")));
        all.Set();

        await Task.WhenAll(steps).WaitAsync(Patience.Limit);

        Assert.Equal(["running", "first", "waiting"], order.Take(3));
        Assert.Equal(2 * Places, order.Count(step => step == "waiting"));

        bool Done(string step, bool result = true)
        {
            order.Add(step);
            return result;
        }
    }

    [Fact]
    public async Task RunBrief_WriterIsIdle_RunsOnThisThread()
    {
        await using var writer = await NewWriterAsync();
        await writer.RunAsync(0, _ => true).WaitAsync(Patience.Limit);
        var limit = Stopwatch.StartNew();
        var isHere = false;
        while (!isHere)
        {
            Assert.True(limit.Elapsed < Patience.Limit);

            // The writer's thread completes a step before it is idle again.
            await Task.Delay(10);
            var (caller, step) = (Environment.CurrentManagedThreadId, writer.RunAsync(0, _ => Environment.CurrentManagedThreadId, isBrief: true));
            isHere = step.IsCompleted && await step == caller;
            await step.WaitAsync(Patience.Limit);
        }
    }

    [Fact]
    public async Task RunBrief_AnotherConnectionWrites_DoesNotBlockTheCaller()
    {
        await using var writer = await NewWriterAsync();
        await writer.RunAsync(0, _ => true).WaitAsync(Patience.Limit);
        using var other = new SqliteConnections(_file.Path, TimeSpan.FromMinutes(1)).OpenWriter();
        other.BeginWrite();

        var step = writer.RunAsync(0, _ => true, isBrief: true);

        Assert.False(step.IsCompleted);
        other.Rollback();
        Assert.True(await step.WaitAsync(Patience.Limit));
    }

    [Fact]
    public async Task RunBrief_StepFails_TheNextOneRuns()
    {
        await using var writer = await NewWriterAsync();
        await writer.RunAsync(0, _ => true).WaitAsync(Patience.Limit);

        for (var i = 0; i < 2 * Places; i++)
        {
            var failing = writer.RunAsync<int>(0, _ => throw new InvalidOperationException("The test's step fails."), isBrief: true);
            await Assert.ThrowsAsync<ChatStoreException>(() => failing.WaitAsync(Patience.Limit));
            Assert.Equal(i, await writer.RunAsync(0, _ => i, isBrief: true).WaitAsync(Patience.Limit));
        }
    }

    [Fact]
    public async Task RunBrief_ManyCallers_EachStepRunsOnceAndAlone()
    {
        await using var writer = await NewWriterAsync();
        await writer.RunAsync(0, session => session.Execute("CREATE TABLE n (value INTEGER)")).WaitAsync(Patience.Limit);
        await writer.RunAsync(0, session => session.Execute("INSERT INTO n VALUES (0)")).WaitAsync(Patience.Limit);
        var running = 0;

        await Task.WhenAll(Enumerable.Range(0, 8).Select(caller => Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
            {
                await writer.RunAsync(0, Add, isBrief: (caller + i) % 3 != 0);
            }
        }))).WaitAsync(Patience.Limit);

        Assert.Equal(800, await writer.RunAsync(0, session => session.Number("SELECT value FROM n")).WaitAsync(Patience.Limit));

        int Add(SqliteSession session)
        {
            Assert.Equal(1, Interlocked.Increment(ref running));
            var changed = session.Execute("UPDATE n SET value = value + 1");
            Interlocked.Decrement(ref running);
            return changed;
        }
    }

    public void Dispose() => _file.Dispose();

    private async Task<SqliteWriter> NewWriterAsync()
    {
        // Creates the tables, so that the writer can sweep.
        await (await _file.OpenAsync()).DisposeAsync();
        return new SqliteWriter(new SqliteConnections(_file.Path, TimeSpan.FromMinutes(1)), NullLogger.Instance, TimeProvider.System, maxQueued: Places);
    }

    // The first step waits until the second one has come, which then fails the commit that they share. While the first one runs again by
    // itself, a third one comes.
    private static async Task FailInABatchAsync(SqliteWriter writer)
    {
        using var both = new ManualResetEventSlim();
        var runs = 0;
        Task<int>? third = null;
        var first = writer.RunAsync(0, _ =>
        {
            both.Wait(Patience.Limit);
            if (++runs == 2)
            {
                third = writer.RunAsync(0, _ => 3);
            }

            return 1;
        });
        var second = writer.RunAsync<int>(0, _ => throw new InvalidOperationException("The test's step fails."));
        both.Set();

        Assert.Equal(1, await first);
        await Assert.ThrowsAsync<ChatStoreException>(() => second);
        Assert.Equal(3, await third!);
        Assert.Equal(2, runs);
    }
}
