using GenAI.Chats.Engine.Admission;
using GenAI.Chats.Engine.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace GenAI.Chats.Engine.Tests.Admission;

public sealed class AdmissionServiceTests
{
    [Fact]
    public async Task Memory_IsHigh_IdleChatsAreShedFromTimeToTime()
    {
        var world = new ChatWorld();
        var server = world.NewServer();
        var chats = new IdleChats();
        await using var provider = new ServiceCollection().AddSingleton<IIdleChats>(chats).BuildServiceProvider();
        using var service = new AdmissionService(server.Admission, provider);
        server.MemoryUse = new(90, 100, 0);
        await service.StartAsync(CancellationToken.None);

        for (var shed = 1; shed <= 3; shed++)
        {
            while (chats.Shed < shed)
            {
                world.Time.Advance(TimeSpan.FromMilliseconds(250));
                await Task.Yield();
            }
        }

        await service.StopAsync(CancellationToken.None);
        Assert.True(server.Memory.IsHigh);
        Assert.Equal(TimeSpan.FromSeconds(5), chats.IdleFor);
    }

    private sealed class IdleChats : IIdleChats
    {
        private int _shed;

        public int Shed => Volatile.Read(ref _shed);

        public TimeSpan IdleFor { get; private set; }

        public Task ShedAsync(TimeSpan idleFor)
        {
            IdleFor = idleFor;
            Interlocked.Increment(ref _shed);

            // The next time goes on after a failure.
            return Task.FromException(new InvalidOperationException("scripted"));
        }
    }
}
