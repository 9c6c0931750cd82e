using GenAI.Chats.Silo.Network;

namespace GenAI.Chats.Silo.Tests.Network;

public sealed class OpenFilesTests
{
    [Theory]
    [InlineData("Max open files            420                  4096                 files", 420L)]
    [InlineData("Max open files            unlimited            unlimited            files", null)]
    [InlineData("Max processes             100                  100                  processes", null)]
    public void Read_Limits_ReturnsTheSoftLimit(string line, long? limit) =>
        Assert.Equal(limit, OpenFiles.Read(["Limit                     Soft Limit           Hard Limit           Units", line]));

    [Theory]
    [InlineData(64, 16)]
    [InlineData(420, 18)]
    [InlineData(1024, 320)]
    [InlineData(1_048_576, 524_096)]
    public void Connections_Limit_LeavesFilesForTheRest(long limit, long connections) => Assert.Equal(connections, OpenFiles.Connections(limit));
}
