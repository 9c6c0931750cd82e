using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime.Hosting;
using Orleans.Storage;

namespace Orleans.StandIn.Tests;

public sealed class StorageTests
{
    [Fact]
    public async Task PersistentState_Written_IsReadByTheNextActivation()
    {
        await using var silo = await TestSilo.StartAsync(builder => builder.AddMemoryGrainStorage("notes"));
        var grain = silo.New<IStateGrain>();

        Assert.Null(await grain.Read());
        await grain.Write("text");
        await silo.Cluster.DeactivateAsync(grain);

        Assert.Equal("text", await grain.Read());
    }

    [Fact]
    public async Task PersistentState_OfADefaultProvider_NeedsNoName()
    {
        await using var silo = await TestSilo.StartAsync(
            builder => builder.AddMemoryGrainStorageAsDefault().AddMemoryGrainStorage("notes"));
        var grain = silo.New<IStateGrain>();

        await grain.Write("text");

        Assert.Equal("text", await grain.ReadDefault());
    }

    [Fact]
    public async Task PersistentState_WithoutItsProvider_FailsTheActivation()
    {
        await using var silo = await TestSilo.StartAsync();

        var call = silo.New<IStateGrain>().Read();
        await silo.EndFailedActivationAsync();

        var exception = await Assert.ThrowsAsync<OrleansException>(() => call);
        Assert.Contains("notes", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_WithAnotherETag_ThrowsInconsistentState()
    {
        await using var silo = await TestSilo.StartAsync(builder => builder.AddMemoryGrainStorage("notes"));
        var storage = silo.Services.GetRequiredKeyedService<IGrainStorage>("notes");
        var id = GrainId.Create("note", "a");
        var first = new GrainState<Note>(new Note { Text = "first" });
        var stale = new GrainState<Note>(new Note { Text = "stale" });

        await storage.WriteStateAsync("state", id, first);

        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("state", id, stale));
        stale.ETag = "another";
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("state", id, stale));
        await storage.WriteStateAsync("state", id, first);
    }

    [Fact]
    public async Task Read_AfterClear_GivesAFreshStateThatDoesNotExist()
    {
        await using var silo = await TestSilo.StartAsync(builder => builder.AddMemoryGrainStorage("notes"));
        var storage = silo.Services.GetRequiredKeyedService<IGrainStorage>("notes");
        var id = GrainId.Create("note", "a");
        var state = new GrainState<Note>(new Note { Text = "text" });

        await storage.WriteStateAsync("state", id, state);
        Assert.True(state.RecordExists);
        await storage.ClearStateAsync("state", id, state);
        await storage.ReadStateAsync("state", id, state);

        Assert.False(state.RecordExists);
        Assert.Null(state.State.Text);
        await storage.WriteStateAsync("state", id, state);
    }

    [Fact]
    public async Task AddGrainStorage_OfOnesOwn_IsUsedAndTakesPartInTheLifeCycle()
    {
        var own = new OwnStorage();
        var silo = await TestSilo.StartAsync(builder =>
        {
            builder.Services.AddGrainStorage("notes", (_, name) =>
            {
                Assert.Equal("notes", name);
                return own;
            });
            builder.AddMemoryGrainStorageAsDefault();
        });
        await using (silo)
        {
            await silo.New<IStateGrain>().Write("text");
        }

        Assert.Equal(["started", "read", "wrote", "stopped"], own.Log);
    }
}

internal interface IStateGrain : IGrainWithStringKey
{
    Task<string?> Read();

    Task<string?> ReadDefault();

    Task Write(string text);
}

internal sealed class StateGrain(
    [PersistentState("note", "notes")] IPersistentState<Note> named,
    IServiceProvider services) : Grain, IStateGrain
{
    public Task<string?> Read() => Task.FromResult(named.State.Text);

    public async Task<string?> ReadDefault()
    {
        var state = new GrainState<Note>(new Note { Text = named.State.Text });
        var storage = services.GetRequiredService<IGrainStorage>();
        await storage.WriteStateAsync("copy", this.GetGrainId(), state);
        await storage.ReadStateAsync("copy", this.GetGrainId(), state);
        return state.State.Text;
    }

    public Task Write(string text)
    {
        named.State.Text = text;
        return named.WriteStateAsync();
    }
}

internal sealed class OwnStorage : IGrainStorage, ILifecycleParticipant<ISiloLifecycle>
{
    public List<string> Log { get; } = [];

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        "own", ServiceLifecycleStage.RuntimeStorageServices, _ => Write("started"), _ => Write("stopped"));

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Write("read");

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Write("wrote");

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Write("cleared");

    private Task Write(string line)
    {
        Log.Add(line);
        return Task.CompletedTask;
    }
}
