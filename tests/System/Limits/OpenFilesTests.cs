using System.Net.Sockets;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.V1;

namespace GenAI.Chats.SystemTests.Limits;

/// <summary>More connections than the server may have files.</summary>
public sealed class OpenFilesTests
{
    private const int Files = 420;
    private const int Connections = 600;

    [Fact]
    public async Task Connect_MoreThanThereAreFiles_ServerGoesOn()
    {
        using var directory = new TestDirectory();
        var process = ChildProcess.Start(
            "/bin/sh",
            [
                "-c", $"ulimit -n {Files}; exec dotnet \"$@\"", "sh", Repository.ServerAssembly, "--Api:GrpcPort=0", "--Api:HttpPort=0", "--Models:Echo=true",
                "--Storage:Path=" + directory.Database,
            ]);
        await using var server = await ServerProcess.GreetedAsync(process);
        await process.LineAsync(line => line.Contains($"limit of open files is {Files},", StringComparison.Ordinal));
        var chat = await server.Client.CreateChatAsync(new CreateChatRequest { Model = Echo.Model });
        var (host, port) = (server.Address.Split(':')[0], int.Parse(server.Address.Split(':')[1], null));

        var sockets = new List<Socket>();
        try
        {
            sockets.AddRange(Enumerable.Range(0, Connections).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)));

            // The last ones are closed.
            await Task.WhenAll(sockets.Select(socket => socket.ConnectAsync(host, port))).ContinueWith(static _ => { }, TaskScheduler.Default);
            await ClosedAsync(sockets[^1]);
            var answer = await server.Client.SendMessageAsync(new SendMessageRequest { Name = chat.Name, Text = "still there" });
            Assert.Equal("still there", answer.Response.Candidates[0].Content.Parts[0].Text);
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }
    }

    private static async Task ClosedAsync(Socket socket)
    {
        try
        {
            Assert.Equal(0, await socket.ReceiveAsync(new byte[1], TimeLimit.Token));
        }
        catch (SocketException)
        {
            // That is closed, too.
        }
    }
}
