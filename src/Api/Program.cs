using GenAI.Chats.Api.Hosting;

try
{
    ApiServer.Build(args).Run();
    return 0;
}
catch (Exception failure) when (StartFailure.Explain(failure) is { } explanation)
{
    Console.Error.WriteLine(explanation);
    return 1;
}
